"""The events of payments and credits about money that is received, fails, is taken back, or is kept as a credit."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from carnet.events.base import Event
from carnet.events.contracts import Mode
from carnet.events.credits import (
    CreditGranted,
    CreditIssued,
    CreditRestored,
    CreditTakenBack,
    CreditUsed,
    DepositReversed,
    Origin,
)
from carnet.events.payments import (
    FailureReason,
    Instalment,
    PaymentCollected,
    PaymentFailed,
    PaymentMethodMissing,
    PaymentReversed,
    PaymentVoided,
    RefundFailed,
    RefundLineChanged,
    RefundLineSettled,
    ReversalReason,
    SettledHow,
    SettlementVoided,
)
from carnet.ids import new_id
from tests.unit.notifications.notification_builders import ACCOUNT, CONTRACT, TODAY, balance

NEXT_TRY = date(2027, 1, 8)
CREDIT = new_id()


def schedule(*instalments: Instalment, total: int = 54_000, paid: int = 18_000, **moved: Any) -> Mapping[str, Any]:
    """The fields of an event that moves a schedule."""
    fields = {"contract": CONTRACT, "account": ACCOUNT, "mode": "online", "currency": "EUR", "effective_on": TODAY}
    return {**fields, "covers": 4, "balance": balance(total, paid), "instalments": instalments, **moved}


def instalment(amount: int = 18_000, due: date = TODAY, **hitch: Any) -> Instalment:
    return Instalment(id=new_id(), due=due, amount=amount, **hitch)


def collected_online(method: str = "card") -> PaymentCollected:
    fields = {name: value for name, value in schedule(instalment()).items() if name != "effective_on"}
    brought = {"payment": new_id(), "amount": 18_000, "method": method, "received_on": TODAY, "attempt": new_id()}
    return PaymentCollected.model_validate({**fields, **brought})


def failed(
    reason: FailureReason = "expired", next_try: date | None = NEXT_TRY, *, left: int = 18_000, method: str = "card"
) -> PaymentFailed:
    """Of 180.00 that were due today; ``left`` of it are still."""
    tried = instalment(left or 1, next_try=next_try, gave_up=next_try is None)
    fields = schedule(*((tried,) if left else ()))
    return PaymentFailed.model_validate(
        {
            **fields,
            "attempt": new_id(),
            "instalment": tried.id,
            "due": TODAY,
            "amount": 18_000,
            "method": method,
            "reason": reason,
            "next_try": next_try,
        }
    )


def method_missing() -> PaymentMethodMissing:
    late = instalment(waits_for_method=True)
    return PaymentMethodMissing.model_validate(
        {**schedule(late), "instalment": late.id, "due": TODAY, "amount": 18_000}
    )


def reversed_(reason: ReversalReason = "returned_debit", beyond: int = 0, **moved: Any) -> PaymentReversed:
    fields = schedule(instalment(on_request=True), **moved)
    taken = {"payment": new_id(), "amount": 18_000, "method": "direct_debit", "reason": reason, "beyond": beyond}
    return PaymentReversed.model_validate({**fields, **taken})


def settled(how: SettledHow = "refunded", left: int = 2_000, **more: Any) -> RefundLineSettled:
    fields = schedule(total=54_000, paid=54_000 + left)
    credit = CREDIT if how == "converted" else None
    return RefundLineSettled.model_validate(
        {**fields, "settlement": new_id(), "amount": 4_000, "how": how, "left": left, "credit": credit, **more}
    )


def refund_failed(due: int = 6_000) -> RefundFailed:
    fields = schedule(total=54_000, paid=54_000 + due)
    return RefundFailed.model_validate(
        {**fields, "settlement": new_id(), "payment": new_id(), "amount": 4_000, "reason": "account_closed"}
    )


def refund_line_changed(before: int = 6_000, after: int = 9_000, mode: Mode = "online") -> RefundLineChanged:
    return RefundLineChanged(
        contract=CONTRACT,
        account=ACCOUNT,
        mode=mode,
        currency="EUR",
        amount_before=before,
        amount_after=after,
        effective_on=TODAY,
        change=None,
    )


def payment_voided() -> PaymentVoided:
    fields = schedule(instalment(), mode="on_site")
    entered = {"payment": new_id(), "amount": 50_000, "method": "cash", "received_on": date(2027, 1, 4)}
    return PaymentVoided.model_validate({**fields, **entered})


def settlement_voided(how: SettledHow = "on_site") -> SettlementVoided:
    fields = schedule(total=54_000, paid=58_000)
    entered = {"settlement": new_id(), "amount": 4_000, "how": how, "settled_on": date(2027, 1, 4)}
    return SettlementVoided.model_validate({**fields, **entered})


def _credit(contract: str | None, left: int) -> dict[str, Any]:
    about = {"credit": CREDIT, "account": ACCOUNT, "contract": contract, "currency": "EUR"}
    return {**about, "amount": 4_000, "left": left, "effective_on": TODAY}


def granted() -> CreditGranted:
    return CreditGranted(**_credit(CONTRACT, 4_000), line=CREDIT)


def issued(origin: Origin = "deposit", contract: str | None = None) -> CreditIssued:
    return CreditIssued(**_credit(contract, 4_000), origin=origin)


def used(left: int = 1_000) -> CreditUsed:
    return CreditUsed(**_credit(CONTRACT, left), request=new_id())


def restored() -> CreditRestored:
    return CreditRestored(**_credit(CONTRACT, 5_000))


def taken_back(payment: str | None = None, due: int = 0) -> CreditTakenBack:
    """Of what a refund line became, or where there is no ``payment``, for what is due of a deposit."""
    return CreditTakenBack(**_credit(CONTRACT if payment else None, 1_000), payment=payment, due=due)


def deposit_reversed(
    reason: ReversalReason = "bounced_cheque", taken: int = 1_000, due: int = 3_000
) -> DepositReversed:
    fields = {name: value for name, value in _credit(None, 0).items() if name != "contract"}
    return DepositReversed(**fields, taken=taken, due=due, reason=reason)


def one_of_each() -> tuple[Event, ...]:
    """One event of each of these types."""
    return (
        collected_online(),
        failed(),
        method_missing(),
        reversed_(),
        settled(),
        refund_failed(),
        refund_line_changed(),
        payment_voided(),
        settlement_voided(),
        granted(),
        issued(),
        used(),
        restored(),
        taken_back(new_id()),
        deposit_reversed(),
    )
