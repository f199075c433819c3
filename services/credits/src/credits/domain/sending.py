"""Gift vouchers and gift cards whose mail waits for a day that the buyer chose: sent on it, or moved (CRE-8)."""

from datetime import date

from carnet.decisions import Decision
from carnet.events import credits as published
from credits.domain.cards import card_to_give, send_card_again
from credits.domain.credit import Credit
from credits.domain.sending_days import checked
from credits.domain.vouchers import Voucher, send_again, still_given


def voucher_waits_for(voucher: Voucher) -> date | None:
    """The day on which a voucher is sent; None if it is sent, redeemed or removed."""
    return voucher.send_on if voucher.standing == "issued" else None


def card_waits_for(credit: Credit) -> date | None:
    """The day on which a gift card is sent; None if it is none, or is sent, used or removed."""
    return credit.card.send_on if credit.card is not None and credit.untouched else None


def send_voucher(voucher: Voucher, today: date) -> Decision[Voucher] | None:
    """Send a voucher whose day has come; None if there is nothing to send."""
    on = voucher_waits_for(voucher)
    return send_again(voucher, today) if on is not None and on <= today else None


def send_card(credit: Credit, today: date) -> Decision[Credit] | None:
    """Send a gift card whose day has come; None if there is nothing to send."""
    on = card_waits_for(credit)
    return send_card_again(credit, today) if on is not None and on <= today else None


def plan_voucher(voucher: Voucher, on: date, today: date) -> Decision[Voucher]:
    """Send a voucher on another day. Raises the refusals of ``still_given`` and of ``checked``."""
    still_given(voucher)
    day = checked(voucher.id, voucher.send_on, on, today)
    event = published.VoucherSendingPlanned(
        voucher=voucher.id, account=voucher.account, contract=voucher.contract, send_on=day, effective_on=today
    )
    return Decision(voucher.model_copy(update={"send_on": day}), (event,))


def plan_card(credit: Credit, on: date, today: date) -> Decision[Credit]:
    """Send a gift card on another day. Raises the refusals of ``card_to_give`` and of ``checked``."""
    card = card_to_give(credit)
    day = checked(credit.id, card.send_on, on, today)
    event = published.GiftCardSendingPlanned(
        credit=credit.id, account=credit.account, contract=credit.contract or "", send_on=day, effective_on=today
    )
    return Decision(credit.model_copy(update={"card": card.model_copy(update={"send_on": day})}), (event,))
