"""PAY-7: the deposit list: every post-dated cheque that is held, whatever contract it is for."""

from datetime import date
from typing import Self

from carnet.decisions import State
from payments.schedules.domain.schedule import Schedule


class HeldCheque(State):
    """A cheque of the deposit list, in minor units; its id is that of the instalment that it is held for."""

    contract: str
    number: str | None = None
    """The contract's number for people (CON-27)."""
    account: str
    due: date
    """Its deposit date."""
    amount: int
    currency: str
    bank: str
    holder: str | None
    """None once the person was erased (ORG-4)."""

    @classmethod
    def of(cls, schedule: Schedule) -> list[Self]:
        """The cheques that are held for a schedule."""
        return [
            cls(
                id=each.id,
                organisation=schedule.organisation,
                contract=schedule.id,
                number=schedule.number,
                account=schedule.account,
                due=each.due,
                amount=each.amount,
                currency=schedule.currency,
                bank=each.cheque.bank,
                holder=each.cheque.holder,
            )
            for each in schedule.instalments
            if each.cheque is not None
        ]
