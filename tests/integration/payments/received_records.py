"""What payments receives in its tests, as Kafka delivers it: accounts, contracts, client credits, organisations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from carnet.dates import utc_now
from carnet.events import credits
from carnet.events.base import Event
from carnet.events.catalog import Contact, OrganisationChanged
from carnet.events.contracts import (
    AccountChanged,
    AccountErased,
    AccountPersonal,
    ContractChanged,
    ContractOpened,
    ContractTerms,
    DatedCharge,
    Instalments,
    Member,
    MemberPersonal,
    Sale,
)
from carnet.events.imports import Imported
from carnet.ids import new_id
from tests.records import Given, record

SALE_DAY = date(2026, 11, 21)


@dataclass
class Family:
    """An account and what it is published with: one adult, the owner, and one child."""

    organisation: str
    owner_name: tuple[str, str] = ("Inès", "Martin")
    child_name: tuple[str, str] = ("Noé", "Martin")
    account: str = field(default_factory=new_id)
    owner: str = field(default_factory=new_id)
    child: str = field(default_factory=new_id)
    number: str | None = None

    def changed(self, sequence: int = 1, *, erased: Sequence[str] = ()) -> Given:
        names = {self.owner: self.owner_name, self.child: self.child_name}
        people = [
            MemberPersonal(id=each, first_name=first, last_name=last)
            for each, (first, last) in names.items()
            if each not in erased
        ]
        body = AccountChanged(
            account=self.account,
            owner=self.owner,
            language="fr",
            members=(
                Member(id=self.owner, kind="adult", erased=self.owner in erased),
                Member(id=self.child, kind="child", erased=self.child in erased),
            ),
            personal=AccountPersonal(members=tuple(people)),
            number=self.number,
        )
        return record(body, aggregate=self.account, sequence=sequence, organisation=self.organisation)

    def erased(self, sequence: int) -> Given:
        return record(AccountErased(), aggregate=self.account, sequence=sequence, organisation=self.organisation)


@dataclass
class Story:
    """A contract and its records, in sequence, each change one event here."""

    family: Family
    contract: str = field(default_factory=new_id)
    sequence: int = 0
    total: int = 0
    number: str | None = None

    def _record(self, body: Event, change: str | None) -> Given:
        self.sequence += 1
        return record(
            body,
            aggregate=self.contract,
            sequence=self.sequence,
            organisation=self.family.organisation,
            change=change,
        )

    def opened(
        self,
        total: int,
        sale: Sale | None = None,
        *,
        mode: str = "online",
        on: date = SALE_DAY,
        change: str | None = None,
        charges: tuple[DatedCharge, ...] = (),
        imported: Imported | None = None,
    ) -> Given:
        """Without charges, as it was published before there were terms."""
        self.total = total
        body = ContractOpened(
            contract=self.contract,
            account=self.family.account,
            mode=mode,
            sale=sale or Instalments(count=3),
            currency="EUR",
            total=total,
            live_lines=1,
            effective_on=on,
            version=self.sequence + 1,
            number=self.number,
            terms=self._terms(charges),
            imported=imported,
        )
        return self._record(body, change)

    def _terms(self, charges: tuple[DatedCharge, ...]) -> ContractTerms | None:
        terms = ContractTerms(total=self.total, live_lines=1, version=self.sequence + 1, charges=charges)
        return terms if charges else None

    def changed(
        self,
        total: int,
        *,
        live_lines: int = 1,
        on: date = SALE_DAY,
        change: str | None = None,
        charges: tuple[DatedCharge, ...] = (),
    ) -> Given:
        """Without charges, as it was published before there were terms."""
        before, self.total = self.total, total
        body = ContractChanged(
            contract=self.contract,
            account=self.family.account,
            mode="online",
            currency="EUR",
            total_before=before,
            total_after=total,
            live_lines=live_lines,
            effective_on=on,
            version=self.sequence + 1,
            terms=self._terms(charges),
        )
        return self._record(body, change)


@dataclass
class Credit:
    """A client credit and its records, in sequence, as credits publishes them."""

    family: Family
    amount: int = 500
    credit: str = field(default_factory=new_id)
    sequence: int = 0

    def published(self, body: Event) -> Given:
        self.sequence += 1
        organisation = self.family.organisation
        return record(body, aggregate=self.credit, sequence=self.sequence, organisation=organisation)

    def issued(self, **fields: Any) -> Given:
        usual = {
            "credit": self.credit,
            "account": self.family.account,
            "amount": self.amount,
            "left": self.amount,
            "currency": "EUR",
            "origin": "staff",
            "effective_on": SALE_DAY,
        }
        return self.published(credits.CreditIssued.model_validate(usual | fields))

    def bounced(self) -> Given:
        """The bank took back the whole cheque that it came by, and nothing of it was used."""
        body = credits.DepositReversed(
            credit=self.credit,
            account=self.family.account,
            amount=self.amount,
            taken=self.amount,
            due=0,
            left=0,
            currency="EUR",
            method="cheque",
            reason="bounced_cheque",
            effective_on=SALE_DAY,
        )
        return self.published(body)

    def due_settled(self, amount: int, method: str | None, **fields: Any) -> Given:
        """What was due of a deposit that came back was paid by that method; waived where there is none."""
        usual = {
            "credit": self.credit,
            "account": self.family.account,
            "amount": amount,
            "how": "paid" if method else "waived",
            "left": 0,
            "due": 0,
            "currency": "EUR",
            "effective_on": SALE_DAY,
            "method": method,
            "receipt": new_id() if method else None,
        }
        return self.published(credits.DepositDueSettled.model_validate(usual | fields))

    def sold_by(self, contract: str) -> Given:
        body = credits.CreditGranted(
            credit=self.credit,
            account=self.family.account,
            amount=self.amount,
            left=self.amount,
            currency="EUR",
            contract=contract,
            line=self.credit,
            effective_on=SALE_DAY,
        )
        return self.published(body)

    def suspended(self, contract: str, request: str, amount: int) -> Given:
        """The answer to a request: the contract that sold it is not paid any more."""
        body = credits.CreditUseRefused(
            request=request,
            credit=self.credit,
            contract=contract,
            amount=amount,
            reason="more-than-left",
            effective_on=SALE_DAY,
            suspended=True,
        )
        return record(body, aggregate=request, sequence=1, organisation=self.family.organisation)

    def used(self, contract: str, request: str, amount: int) -> Given:
        """The answer to a request: it is used."""
        body = credits.CreditUsed(
            credit=self.credit,
            account=self.family.account,
            amount=amount,
            left=0,
            currency="EUR",
            contract=contract,
            request=request,
            effective_on=SALE_DAY,
        )
        return self.published(body)

    def refused(self, contract: str, request: str, amount: int, reason: str = "more-than-left") -> Given:
        """The answer to a request, published in its own sequence: it is refused."""
        body = credits.CreditUseRefused(
            request=request,
            credit=self.credit,
            contract=contract,
            amount=amount,
            reason=reason,
            effective_on=SALE_DAY,
        )
        return record(body, aggregate=request, sequence=1, organisation=self.family.organisation)


def clock_at(day: date) -> int:
    """How far ahead the clock of a test organisation is for its today to be ``day``."""
    return int((datetime.combine(day, time(12), UTC) - utc_now()).total_seconds())


def organisation_record(
    organisation: str, sequence: int = 1, *, currency: str = "EUR", clock_ahead: int = 0, mode: str = "test"
) -> Given:
    body = OrganisationChanged(
        organisation=organisation,
        name="École de danse du Nord",
        currency=currency,
        time_zone="Europe/Paris",
        languages=("fr",),
        contact=Contact(),
        support_email="aide@example.org",
        mode=mode,
        clock_ahead=clock_ahead,
    )
    return record(body, aggregate=organisation, sequence=sequence, organisation=organisation)
