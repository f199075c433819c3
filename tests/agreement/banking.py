"""Steps of the desk that take what came in cash and by cheque to the bank (PAY-7)."""

from typing import Any

from hypothesis import strategies as st

from payments.banking.domain.bank_deposits import BankDeposit
from payments.banking.domain.takings import Taking
from payments.banking.store import BANK_DEPOSITS, TAKINGS
from tests.agreement.stage import Stage, action


class Banking(Stage):
    """Takings are handed to the bank together, and sometimes were not after all."""

    @action(when=lambda self: self.takings)
    def deposit_at_the_bank(self, data: st.DataObject) -> None:
        """Whatever is named: what waits and, sometimes, what is in a deposit already or was taken otherwise."""
        ids = data.draw(st.lists(st.sampled_from(sorted(self.takings)), min_size=1, max_size=3), label="takings")
        if data.draw(st.booleans(), label="as they wait"):
            first = self.takings[ids[0]].method
            waiting = [id_ for id_, each in sorted(self.takings.items()) if each.waits and each.method == first]
            ids = waiting[: data.draw(st.integers(1, len(waiting)), label="how many")] if waiting else ids
            ids += [id_ for id_ in waiting if self.takings[id_].amount < 0 and id_ not in ids]
        body: dict[str, Any] = {"takings": ids, "bank_account": "Crédit du Nord"}
        self.ask(data, "payments", "/v1/bank-deposits", body)

    @action(when=lambda self: self.bank_deposits)
    def undo_a_bank_deposit(self, data: st.DataObject) -> None:
        deposit = self.pick(data, self.bank_deposits.values(), "bank deposit")
        self.ask(data, "payments", f"/v1/bank-deposits/{deposit.id}/undoing", version=deposit.version)

    @property
    def takings(self) -> dict[str, Taking]:
        """The takings as payments has them now."""
        return self.suite.services["payments"].database.states(TAKINGS)

    @property
    def bank_deposits(self) -> dict[str, BankDeposit]:
        """The bank deposits as payments has them now."""
        return self.suite.services["payments"].database.states(BANK_DEPOSITS)
