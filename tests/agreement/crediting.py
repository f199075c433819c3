"""Steps of client credits and gift cards: granted, adjusted, used (CRE-1 to CRE-8)."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from credits.store import CREDITS
from payments.schedules.domain.schedule import Schedule
from tests.agreement.receiving import Receiving
from tests.agreement.school import money
from tests.agreement.stage import action

ANOTHER_CODE = "7K3M-Q2XA-V9TB-4HDN-C6RX"
"""The code of nothing."""


class Crediting(Receiving):
    """Staff grants credits, adjusts them and pays contracts with them."""

    @action()
    def grant_credit(self, data: st.DataObject) -> None:
        origin = data.draw(st.sampled_from(("staff", "deposit")), label="origin")
        amount = data.draw(st.sampled_from((1, 999, 20_000)), label="minor units")
        account = self.pick(data, [each.id for each in self.school.accounts], "account")
        body: dict[str, Any] = {"origin": origin, "amount": money(amount), "reason": "a gesture"}
        if origin == "deposit":
            body["method"] = data.draw(st.sampled_from(("cheque", "cash")), label="method")
        if self.ask(data, "credits", f"/v1/accounts/{account}/credits", body).ok:
            if origin == "deposit":
                self.till.received += amount
            else:
                self.till.given += amount

    @action(when=lambda self: self.credits)
    def adjust_credit(self, data: st.DataObject) -> None:
        credit = self.credits[self.pick(data, self.credits, "credit")]
        amount = self.amount_up_to(data, credit["left"]) * data.draw(st.sampled_from((1, -1)), label="sign")
        body = {"amount": money(amount), "reason": "a mistake"}
        kind = "gift-cards" if credit["card"] else "credits"
        if self.ask(data, "credits", f"/v1/{kind}/{credit['_id']}/adjustments", body, version=credit["version"]).ok:
            self.till.given += amount

    @action(when=lambda self: self.credits)
    def reverse_deposit(self, data: st.DataObject) -> None:
        """The bank takes back a deposit, or a part of it; mostly one that is a deposit (CRE-2)."""
        deposits = [id_ for id_, each in self.credits.items() if each["origin"] == "deposit"] or list(self.credits)
        credit = self.credits[self.pick(data, deposits, "deposit")]
        amount = self.amount_up_to(data, credit["amount"])
        body = {"amount": money(amount), "reason": "bounced_cheque"}
        if self.ask(data, "credits", f"/v1/credits/{credit['_id']}/reversal", body, version=credit["version"]).ok:
            self.till.taken += amount

    @action(when=lambda self: any(each["due"] for each in self.credits.values()))
    def settle_due(self, data: st.DataObject) -> None:
        """What is due of a reversed deposit is paid at the desk, or waived."""
        due = [id_ for id_, each in self.credits.items() if each["due"]]
        credit = self.credits[self.pick(data, due, "credit")]
        amount = self.amount_up_to(data, credit["due"])
        how = data.draw(st.sampled_from(("paid", "waived")), label="how")
        body: dict[str, Any] = {"amount": money(amount), "how": how, "reason": "they came by"}
        if how == "paid":
            body["method"] = data.draw(st.sampled_from(("cash", "cheque", "transfer", None)), label="method")
        if self.ask(
            data, "credits", f"/v1/credits/{credit['_id']}/due-settlements", body, version=credit["version"]
        ).ok:
            if how == "paid":
                self.till.received += amount
            else:
                self.till.given += amount

    @action(weight=4, when=lambda self: self.usable)
    def use_credit(self, data: st.DataObject) -> None:
        """Pay a part of a contract, mostly no more than is left of both."""
        schedule, credit = self.pick(data, self.usable, "contract and credit")
        due = schedule.planned + schedule.unscheduled
        most = min(due, credit["left"])
        if credit["card"]:
            most = max(min(most, schedule.for_cards - schedule.by_cards), 1)
        self._use(data, schedule, credit, self.amount_up_to(data, most))

    @action(when=lambda self: self.credits and self.schedules)
    def misuse_credit(self, data: st.DataObject) -> None:
        """Any credit on any contract, a gift card perhaps with another code than its own (CRE-8)."""
        credit = self.credits[self.pick(data, self.credits, "credit")]
        self._use(data, self.a_schedule(data), credit, self.amount_up_to(data, credit["left"]))

    def _use(self, data: st.DataObject, schedule: Schedule, credit: Mapping[str, Any], amount: int) -> None:
        body = {"credit": credit["_id"], "amount": money(amount)}
        if credit["card"] and credit["card"]["code"]:
            wrong = data.draw(st.integers(0, 9), label="another code") == 9
            body["code"] = ANOTHER_CODE if wrong else credit["card"]["code"]
        self.post(data, schedule, "credit-uses", body, waits=True)

    @property
    def usable(self) -> list[tuple[Schedule, Mapping[str, Any]]]:
        """The contracts of which something is due, with the credits that can pay it."""
        return [
            (schedule, credit)
            for schedule in self.schedules.values()
            for credit in self.credits.values()
            if schedule.planned + schedule.unscheduled
            and credit["left"]
            and credit["contract"] != schedule.id
            and (credit["card"] or credit["account"] == schedule.account)
        ]

    @property
    def credits(self) -> Any:
        """The credits as they are kept."""
        return self.suite.services["credits"].database.documents(CREDITS.name)
