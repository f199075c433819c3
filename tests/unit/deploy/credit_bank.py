"""Client credits in memory, moved by the real decisions of credits as a schedule asks, with journals and documents."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from carnet.codes import new_code
from carnet.decisions import Decision
from carnet.events import BY_TYPE, payments
from carnet.journal import rows_of
from credits.domain.cards import issue_card
from credits.domain.credit import Card, Credit, entry
from credits.domain.movements import RefusedUse, adjust, convert, refuse, restore, use
from credits.domain.selling import SellingContract, SoldCredit
from credits.domain.sending import plan_card
from credits.store import CREDITS, ENTRIES, REFUSED_USES
from tests.findings import Document
from tests.unit.payments.payments_builders import ACCOUNT, CONTRACT, ORGANISATION, TODAY, a_context


@dataclass
class Bank:
    """The credits of one account: their states, documents, entries and journals, by aggregate."""

    credits: dict[str, Credit] = field(default_factory=dict)
    refused: dict[str, RefusedUse] = field(default_factory=dict)
    entries: dict[str, list[Document]] = field(default_factory=dict)
    journals: dict[str, list[Document]] = field(default_factory=dict)

    def granted(self, credit: str, amount: int) -> None:
        """Staff grants a credit."""
        gift = Credit(
            id=credit,
            organisation=ORGANISATION,
            account=ACCOUNT,
            origin="staff",
            amount=amount,
            left=amount,
            currency="EUR",
            status="granted",
            granted_on=TODAY,
        )
        event = BY_TYPE["carnet.credits.CreditIssued.v1"].model_validate(
            {
                **gift.model_dump(include={"account", "amount", "left", "currency", "origin"}),
                "credit": credit,
                "effective_on": TODAY,
            }
        )
        self._moved(None, Decision(gift, (event,)))

    def sold_card(self, credit: str, amount: int, *days: date) -> None:
        """A contract that is paid sells a gift card for the first of these days, and then it is sent on the others."""
        card = Card(name="Gift card", code=None, send_on=days[0])
        sold = SoldCredit(line=credit, sequence=2, account=ACCOUNT, value=amount, currency="EUR", card=card)
        selling = SellingContract(id=CONTRACT, organisation=ORGANISATION)
        self._moved(None, issue_card(selling, sold, new_code(), TODAY))
        for day in days[1:]:
            self._moved(self.credits[credit], plan_card(self.credits[credit], day, TODAY))

    def adjusted(self, credit: str, amount: int) -> None:
        self._moved(self.credits[credit], adjust(self.credits[credit], amount, TODAY))

    def receives(self, row: Document) -> None:
        """React to an event of payments."""
        event: Any = BY_TYPE[row["type"]].model_validate(row["data"])
        match event:
            case payments.CreditUseRequested():
                answer = use(self.credits.get(event.credit), event)
                if isinstance(answer, Decision):
                    self._moved(self.credits[event.credit], answer)
                else:
                    self._refused(refuse(event, answer, ORGANISATION))
            case payments.CreditGivenBack():
                credit = self.credits[event.credit]
                self._moved(credit, restore(credit, event))
            case payments.RefundLineSettled(credit=str(credit)):
                self._moved(None, convert(None, event, credit, ORGANISATION))

    @property
    def answers(self) -> list[Document]:
        """The events about contracts, in the order of each credit, as verify reads them."""
        about = [row for rows in self.journals.values() for row in rows if row["data"].get("contract")]
        return sorted(about, key=lambda row: int(row["sequence"]))

    def documents(self) -> dict[str, Document]:
        return {id_: CREDITS.write(credit) for id_, credit in self.credits.items()}

    def refusals(self) -> dict[str, Document]:
        return {id_: REFUSED_USES.write(refused) for id_, refused in self.refused.items()}

    def _moved(self, before: Credit | None, decision: Decision[Credit]) -> None:
        version = self._publish(decision)
        after = decision.state.model_copy(update={"version": version})
        self.credits[after.id] = after
        if movement := entry(before, after, decision.events[0], TODAY):
            self.entries.setdefault(after.id, []).append(ENTRIES.write(movement))

    def _refused(self, decision: Decision[RefusedUse]) -> None:
        self._publish(decision)
        self.refused[decision.state.id] = decision.state

    def _publish(self, decision: Decision[Any]) -> int:
        rows = self.journals.setdefault(decision.state.id, [])
        rows += [dict(row) for row in rows_of(decision.state.id, ORGANISATION, len(rows), decision.events, a_context())]
        return len(rows)
