"""Why credits keeps what a line sold, in the words that people read: the change that would cancel the line is refused.

Credits says them with its answer. Contracts reads them here of an answer that was published before it had words.
"""

from carnet.refusals import Refusal, conflict


def credit_kept(
    name: str, *, exists: bool, contract: str, change: str | None, credit: str, amount: int, left: int, currency: str
) -> Refusal:
    """A client credit was used, or ``exists`` while its line is to bring less (CRE-5, CON-11); in minor units."""
    return conflict(
        "credit-exists" if exists else "credit-used",
        (
            f"The client credit that {name} sold exists, so what that line brings does not fall: leave its price and "
            "its discounts as they are, or cancel the line while nothing of it is used and sell it anew."
        )
        if exists
        else (
            f"Of the client credit that {name} sold, {left} of {amount} minor units are left: its line is cancelled "
            "while nothing of it is used. Change the contracts that it pays first, so that it comes back, or keep it."
        ),
        rule="CON-11" if exists else "CRE-5",
        contract=contract,
        change=change,
        credit=credit,
        amount=amount,
        left=left,
        currency=currency,
    )


def card_kept(name: str, *, exists: bool, contract: str, change: str | None, card: str) -> Refusal:
    """A gift card was used, or ``exists`` while its line is to bring less (CRE-5, CON-11).

    Without what is left of it: only the person who presents its code sees that (CRE-8).
    """
    return conflict(
        "gift-card-exists" if exists else "gift-card-used",
        (
            f"The gift card that {name} sold exists, so what that line brings does not fall: leave its price and its "
            "discounts as they are, or cancel the line while nothing of it is used and sell it anew."
        )
        if exists
        else (
            f"The gift card that {name} sold was used: its line is cancelled while nothing of it is. Change the "
            "contracts that it pays first, so that it comes back, or keep it."
        ),
        rule="CON-11" if exists else "CRE-5",
        contract=contract,
        change=change,
        card=card,
    )


def voucher_kept(name: str, *, contract: str, change: str | None, voucher: str) -> Refusal:
    """A gift voucher is redeemed (CON-8, CRE-9)."""
    return conflict(
        "voucher-redeemed",
        f"The gift voucher that {name} sold is redeemed. Cancel the line that it covers too, in the same change if it "
        "is on this contract and before if not, or keep it.",
        rule="CON-8",
        contract=contract,
        change=change,
        voucher=voucher,
    )


def pack_kept(name: str, *, contract: str, change: str | None, pack: str, uses: int) -> Refusal:
    """A session pack was used, and the change has no fee (CON-8)."""
    return conflict(
        "pack-used",
        f"Sessions of {name} were used. Add a fee for them to the change that cancels it, as a free line, or cancel "
        "the uses first.",
        rule="CON-8",
        contract=contract,
        change=change,
        pack=pack,
        uses=uses,
    )
