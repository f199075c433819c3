"""A sample of each kind's facts, so that staff can preview a template before any client gets it (NOT-2)."""

from collections.abc import Callable
from datetime import date

from carnet.events.payments import Balance, Instalment
from notifications.domain.accounts import Account, Person
from notifications.domain.content import (
    AddedLine,
    CancelledLine,
    Content,
    ContractChangedContent,
    ContractOpenedContent,
    ContractPaidContent,
    CreditGrantedContent,
    CreditRestoredContent,
    CreditUsedContent,
    EditedLine,
    Kind,
    Lines,
    MethodMissingContent,
    PaymentFailedContent,
    PaymentReceivedContent,
    PaymentReversedContent,
    PlacedDiscount,
    RefundAwaitingContent,
    RefundFailedContent,
    RefundSettledContent,
)

_OWNER, _CHILD = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000002"
_CONTRACT, _CREDIT = "01900000-0000-7000-8000-000000000003", "01900000-0000-7000-8000-000000000004"
_LINE = "01900000-0000-7000-8000-00000000001{}"
_PAYMENT = "01900000-0000-7000-8000-000000000007"
_TODAY, _NEXT_TRY = date(2027, 1, 5), date(2027, 1, 8)

SAMPLE_ACCOUNT = Account(
    id="01900000-0000-7000-8000-000000000005",
    organisation="01900000-0000-7000-8000-000000000006",
    owner=_OWNER,
    people=(
        Person(id=_OWNER, first_name="Camille", last_name="Morel", email="camille@example.org"),
        Person(id=_CHILD, first_name="Zoé", last_name="Morel"),
    ),
)


def sample(kind: Kind, currency: str) -> Content:
    """The sample facts of that kind, in the organisation's currency (amounts are minor units)."""
    return _SAMPLES[kind](currency)


def _balance(total: int, paid: int) -> Balance:
    return Balance(total=total, paid=paid, processing=0, planned=total - paid, unscheduled=0, refund_due=0)


def _instalments(*amounts: int) -> tuple[Instalment, ...]:
    return tuple(
        Instalment(id=_LINE.format(index), due=date(2027, 2 + index, 5), amount=amount)
        for index, amount in enumerate(amounts)
    )


def _opened(currency: str) -> ContractOpenedContent:
    course = AddedLine(line=_LINE.format(1), name="Ballet", format="1 h", tariff="A", participant=_CHILD, price=30_000)
    workshop = AddedLine(line=_LINE.format(2), name="Jazz", format="2 h", tariff="A", participant=_OWNER, price=30_000)
    discount = PlacedDiscount(line=_LINE.format(3), name="10 %", amount=6_000)
    return ContractOpenedContent(
        contract=_CONTRACT,
        mode="online",
        currency=currency,
        effective_on=_TODAY,
        lines=Lines(added=(course, workshop), discounts=(discount,)),
        total=54_000,
        balance=_balance(54_000, 0),
        instalments=_instalments(18_000, 18_000, 18_000),
    )


def _changed(currency: str) -> ContractChangedContent:
    lines = Lines(
        added=(AddedLine(line=_LINE.format(4), name="Tango", format="1 h", participant=_OWNER, price=12_000),),
        discounts=(PlacedDiscount(line=_LINE.format(5), name="5 %", amount=600),),
        cancelled=(CancelledLine(line=_LINE.format(1), name="Ballet", participant=_CHILD, amount=30_000),),
        edited=(EditedLine(line=_LINE.format(2), name="Jazz", price_before=30_000, price_after=28_000),),
    )
    return ContractChangedContent(
        contract=_CONTRACT,
        mode="online",
        currency=currency,
        effective_on=_TODAY,
        lines=lines,
        contract_cancelled=False,
        total_before=54_000,
        total=33_400,
        balance=_balance(33_400, 18_000),
        instalments=_instalments(7_700, 7_700),
    )


def _received(currency: str) -> PaymentReceivedContent:
    return PaymentReceivedContent(
        contract=_CONTRACT,
        mode="on_site",
        currency=currency,
        amount=18_000,
        method="cheque",
        received_on=_TODAY,
        balance=_balance(54_000, 18_000),
        instalments=_instalments(18_000, 18_000),
    )


def _failed(currency: str) -> PaymentFailedContent:
    late, *others = _instalments(18_000, 18_000)
    tried = late.model_copy(update={"due": _TODAY, "next_try": _NEXT_TRY})
    return PaymentFailedContent(
        contract=_CONTRACT,
        mode="online",
        currency=currency,
        amount=18_000,
        method="card",
        due=_TODAY,
        reason="expired",
        next_try=_NEXT_TRY,
        left=18_000,
        balance=_balance(54_000, 18_000),
        instalments=(tried, *others),
    )


def _unmet(currency: str) -> MethodMissingContent:
    late, *others = _instalments(18_000, 18_000)
    return MethodMissingContent(
        contract=_CONTRACT,
        mode="online",
        currency=currency,
        amount=18_000,
        due=_TODAY,
        balance=_balance(54_000, 18_000),
        instalments=(late.model_copy(update={"due": _TODAY, "waits_for_method": True}), *others),
    )


def _reversed(currency: str) -> PaymentReversedContent:
    again, *others = _instalments(18_000, 18_000)
    return PaymentReversedContent(
        contract=_CONTRACT,
        mode="online",
        currency=currency,
        amount=18_000,
        method="direct_debit",
        reason="returned_debit",
        effective_on=_TODAY,
        balance=_balance(54_000, 18_000),
        instalments=(again.model_copy(update={"due": _TODAY, "on_request": True}), *others),
    )


def _settled(currency: str) -> RefundSettledContent:
    return RefundSettledContent(
        contract=_CONTRACT,
        mode="online",
        currency=currency,
        amount=4_000,
        how="refunded",
        left=2_000,
        credit=None,
        effective_on=_TODAY,
    )


def _refund_failed(currency: str) -> RefundFailedContent:
    return RefundFailedContent(
        contract=_CONTRACT,
        currency=currency,
        amount=4_000,
        payment=_PAYMENT,
        reason="account_closed",
        refund_due=6_000,
        effective_on=_TODAY,
    )


_SAMPLES: dict[Kind, Callable[[str], Content]] = {
    "contract_opened": _opened,
    "contract_changed": _changed,
    "payment_received": _received,
    "contract_paid": lambda currency: ContractPaidContent(contract=_CONTRACT, currency=currency, total=54_000),
    "refund_awaiting": lambda currency: RefundAwaitingContent(
        contract=_CONTRACT, currency=currency, amount=6_000, effective_on=_TODAY
    ),
    "credit_granted": lambda currency: CreditGrantedContent(
        credit=_CREDIT, contract=_CONTRACT, currency=currency, amount=5_000
    ),
    "payment_failed": _failed,
    "method_missing": _unmet,
    "payment_reversed": _reversed,
    "refund_settled": _settled,
    "refund_failed": _refund_failed,
    "credit_used": lambda currency: CreditUsedContent(
        credit=_CREDIT, contract=_CONTRACT, currency=currency, amount=4_000, left=1_000, effective_on=_TODAY
    ),
    "credit_restored": lambda currency: CreditRestoredContent(
        credit=_CREDIT, contract=_CONTRACT, currency=currency, amount=4_000, left=5_000, effective_on=_TODAY
    ),
}
