"""A contract that sells credits, vouchers and packs, as its services publish it to credits."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from carnet.events.base import Event
from carnet.events.catalog import (
    ClientCreditDetails,
    CourseDetails,
    Details,
    GiftVoucherDetails,
    Kind,
    SessionPackDetails,
)
from carnet.events.contracts import (
    AccountChanged,
    AccountErased,
    ContractChanged,
    ContractOpened,
    CreditRemovalRequested,
    Member,
    OnSite,
    ProductAdded,
    ProductCancelled,
    ProductDeleted,
    ProductEdited,
    Purchase,
    Redemption,
    VoucherRedemptionRequested,
    VoucherRedemptionWithdrawn,
)
from carnet.events.payments import (
    Balance,
    ContractPaid,
    ContractReopened,
    CreditGivenBack,
    CreditUseRequested,
    PaymentReversed,
    RefundLineSettled,
    ScheduleAdjusted,
)
from carnet.ids import new_id
from credits.domain.vouchers import Voucher, code_of
from tests.records import Given, record

DAY = date(2027, 1, 31)
CREDIT = ClientCreditDetails(value=5000)
COURSE = CourseDetails()
PACK = SessionPackDetails(sessions=3)
VOUCHER = GiftVoucherDetails(products=(new_id(),))


@dataclass
class Story:
    """One contract and its schedule, as their services publish them: two aggregates of the same id."""

    organisation: str
    contract: str = field(default_factory=new_id)
    account: str = field(default_factory=new_id)
    version: int = 0
    schedule_version: int = 0
    owner: str = field(default_factory=new_id)
    send_on: date | None = None
    """The day that the buyer chooses for the mail of what is sold."""

    def account_changed(self, sequence: int = 1, *, erased: int = 0) -> Given:
        """The account, with one adult, and so many members who have been erased."""
        owner = self.owner
        gone = [Member(id=new_id(), kind="child", erased=True) for _ in range(erased)]
        body = AccountChanged(
            account=self.account, owner=owner, language="fr", members=(Member(id=owner, kind="adult"), *gone)
        )
        return record(body, aggregate=self.account, sequence=sequence, organisation=self.organisation)

    def account_erased(self, sequence: int) -> Given:
        """Every person of the account is erased."""
        return record(AccountErased(), aggregate=self.account, sequence=sequence, organisation=self.organisation)

    def opened(self, *lines: tuple[str, Details]) -> list[Given]:
        """The opening with its lines: (id, details)."""
        body = ContractOpened(
            contract=self.contract,
            account=self.account,
            mode="on_site",
            sale=OnSite(),
            currency="EUR",
            total=4500 * len(lines),
            live_lines=len(lines),
            effective_on=DAY,
            version=self.version + 1 + len(lines),
        )
        return [self.published(body), *(self.published(self._added(line, details)) for line, details in lines)]

    def changed(self, add: tuple[tuple[str, Details], ...] = (), cancel: tuple[str, ...] = ()) -> list[Given]:
        """One change that cancels and adds lines."""
        cancelled = [self.published(self._cancelled(line)) for line in cancel]
        added = [self.published(self._added(line, details)) for line, details in add]
        body = ContractChanged(
            contract=self.contract,
            account=self.account,
            mode="on_site",
            currency="EUR",
            total_before=4500,
            total_after=4500,
            live_lines=1,
            effective_on=DAY,
            version=self.version + 1,
        )
        return [*cancelled, *added, self.published(body)]

    def paid(self, covers: int | None = None, on: date = DAY) -> Given:
        """The contract is fully paid, at its present version unless another is given."""
        body = ContractPaid(
            contract=self.contract,
            account=self.account,
            currency="EUR",
            covers=self.version if covers is None else covers,
            total=4500,
            effective_on=on,
        )
        return self.of_schedule(body)

    def reopened(self, on: date = DAY) -> Given:
        """The contract is no longer fully paid."""
        body = ContractReopened(
            contract=self.contract,
            account=self.account,
            currency="EUR",
            covers=self.version,
            total=4500,
            effective_on=on,
        )
        return self.of_schedule(body)

    def reversed(self, amount: int, *, beyond: int) -> Given:
        """The bank took a payment back; ``beyond`` of it the contract had no longer."""
        body = {**self._moved(), "payment": new_id(), "amount": amount, "method": "cheque", "beyond": beyond}
        return self.of_schedule(PaymentReversed.model_validate({**body, "reason": "bounced_cheque"}))

    def adjusted(self, *, unscheduled: int) -> Given:
        """The schedule covers the present version, with so much still to pay."""
        balance = Balance(
            total=4500, paid=4500 - unscheduled, processing=0, planned=0, unscheduled=unscheduled, refund_due=0
        )
        body = ScheduleAdjusted(
            contract=self.contract,
            account=self.account,
            mode="on_site",
            currency="EUR",
            effective_on=DAY,
            change=new_id(),
            covers=self.version,
            balance=balance,
            balance_before=balance,
            instalments=(),
        )
        return self.of_schedule(body)

    def removal_requested(
        self,
        *lines: str,
        request: str | None = None,
        lowered: tuple[str, ...] = (),
        with_fee: bool = False,
        uncovered: tuple[str, ...] = (),
    ) -> Given:
        """A change would cancel these lines, or let others bring less: contracts asks about their credits."""
        body = CreditRemovalRequested(
            contract=self.contract,
            account=self.account,
            request=request or new_id(),
            lines=lines,
            lowered=lowered,
            with_fee=with_fee,
            uncovered=uncovered,
            effective_on=DAY,
        )
        return self.published(body)

    def deleted(self, line: str, kind: Kind) -> Given:
        """Staff deletes a cancelled line that was entered by mistake."""
        body = ProductDeleted(
            contract=self.contract,
            account=self.account,
            currency="EUR",
            effective_on=DAY,
            line=line,
            product=new_id(),
            kind=kind,
            name="Bought",
        )
        return self.published(body)

    def expiry_edited(self, line: str, expires_on: date | None) -> Given:
        """Staff gives the purchase of a session pack another last day."""
        body = ProductEdited(
            contract=self.contract,
            account=self.account,
            currency="EUR",
            effective_on=DAY,
            line=line,
            product=new_id(),
            kind="session_pack",
            name="Bought",
            price_before=4500,
            price_after=4500,
            expires_on=expires_on,
        )
        return self.published(body)

    def redemption_requested(
        self, *vouchers: tuple[str, Voucher], request: str | None = None, product: str | None = None
    ) -> Given:
        """A change would add these lines, each with the voucher that is to cover it."""
        redemptions = [
            Redemption(line=line, product=product or voucher.products[0], code=code_of(voucher).id)
            for line, voucher in vouchers
        ]
        body = VoucherRedemptionRequested(
            contract=self.contract,
            account=self.account,
            request=request or new_id(),
            redemptions=tuple(redemptions),
            effective_on=DAY,
        )
        return self.published(body)

    def redemption_withdrawn(self, *lines: str) -> Given:
        """Another service refused: the lines are not added after all."""
        body = VoucherRedemptionWithdrawn(
            contract=self.contract, account=self.account, request=new_id(), lines=lines, effective_on=DAY
        )
        return self.published(body)

    def use_requested(self, credit: str, amount: int, *, request: str | None = None, **fields: Any) -> Given:
        """A part of the contract is to be paid with a credit."""
        body = {**self._moved(), "request": request or new_id(), "credit": credit, "amount": amount, **fields}
        return self.of_schedule(CreditUseRequested.model_validate(body))

    def given_back(self, credit: str, amount: int) -> Given:
        """Less is left to pay: a part of what the credit had paid goes back to it."""
        body = CreditGivenBack(
            contract=self.contract,
            account=self.account,
            currency="EUR",
            credit=credit,
            amount=amount,
            effective_on=DAY,
            change=None,
        )
        return self.of_schedule(body)

    def settled(self, amount: int, how: str, credit: str | None = None) -> Given:
        """A part of the refund line is settled."""
        body = {**self._moved(), "settlement": new_id(), "amount": amount, "how": how, "left": 0, "credit": credit}
        return self.of_schedule(RefundLineSettled.model_validate(body))

    def _moved(self) -> dict[str, Any]:
        balance = Balance(total=4500, paid=0, processing=0, planned=0, unscheduled=4500, refund_due=0)
        return {
            "contract": self.contract,
            "account": self.account,
            "mode": "on_site",
            "currency": "EUR",
            "effective_on": DAY,
            "covers": self.version,
            "balance": balance,
            "instalments": (),
        }

    def _added(self, line: str, details: Details) -> ProductAdded:
        purchase = Purchase(
            line=line,
            product=new_id(),
            kind=details.kind,
            name="Bought",
            price=4500,
            vat_rate=0,
            bought_on=DAY,
            details=details,
            send_on=self.send_on,
        )
        return ProductAdded(
            contract=self.contract, account=self.account, currency="EUR", effective_on=DAY, purchase=purchase
        )

    def _cancelled(self, line: str) -> ProductCancelled:
        return ProductCancelled(
            contract=self.contract,
            account=self.account,
            currency="EUR",
            effective_on=DAY,
            line=line,
            product=new_id(),
            kind="client_credit",
            name="Bought",
            amount=4500,
        )

    def published(self, body: Event) -> Given:
        """The next event of the contract."""
        self.version += 1
        return record(body, aggregate=self.contract, sequence=self.version, organisation=self.organisation)

    def of_schedule(self, body: Event) -> Given:
        """The next event of the contract's schedule."""
        self.schedule_version += 1
        return record(body, aggregate=self.contract, sequence=self.schedule_version, organisation=self.organisation)
