"""Why credits does not cover a line, in the words that people read, by the code beside them.

Credits says them with its answer. Contracts reads them here of an answer that was published before it had words.
"""

from collections.abc import Mapping

from carnet.refusals import Refusal, conflict


def voucher_refused(  # noqa: PLR0911 # one for each reason
    why: str, name: str, params: Mapping[str, str]
) -> Refusal:
    """A gift voucher does not cover the line that is called so (CRE-9)."""
    line = f"The gift voucher does not cover {name}"
    match why:
        case "unknown":
            return conflict(
                "voucher-unknown",
                f"{line}. There is none of this code. Compare the code with the mail.",
                rule="CRE-9",
                **params,
            )
        case "redeemed":
            return conflict(
                "voucher-redeemed-before",
                f"{line}. It is redeemed already. Ask the person who presents it what it was used for.",
                rule="CRE-9",
                **params,
            )
        case "removed":
            return conflict(
                "voucher-removed",
                f"{line}. Its sale was cancelled, so it is a right to nothing any more.",
                rule="CRE-9",
                **params,
            )
        case "suspended":
            return conflict(
                "voucher-suspended",
                f"{line}. Its sale is not paid any more. It can be redeemed once it is paid again.",
                rule="CRE-9",
                **params,
            )
        case "other-product":
            return conflict(
                "voucher-of-other-product",
                f"{line}. It is a right to something else. Choose what it names.",
                rule="CRE-9",
                **params,
            )
        case "gift-card":
            return conflict(
                "voucher-is-gift-card",
                f"The code that was given for {name} is that of a gift card, which is an "
                "amount: pay the contract with it instead.",
                rule="CRE-8",
                **params,
            )
        case "too-many-tries":
            return conflict(
                "too-many-codes",
                f"{line}. Too many codes that do not exist were tried. Try again in an hour.",
                rule="CRE-9",
                **params,
            )
        case _:
            return conflict(
                "voucher-not-redeemed", f"{line}. It was refused. Choose another way to pay.", rule="CRE-9", **params
            )


def scholarship_refused(  # noqa: PLR0911 # one for each reason
    why: str, name: str, params: Mapping[str, str], *, amount: int, left: int, currency: str
) -> Refusal:
    """A scholarship does not cover ``amount`` of the line that is called so; ``left`` of it could be used (CRE-11)."""
    line = f"The scholarship does not cover a part of {name}"
    match why:
        case "unknown" | "other-account":
            return conflict(
                "scholarship-unknown",
                f"{line}. The account has no such scholarship. Choose one that was awarded to it.",
                rule="CRE-11",
                **params,
            )
        case "other-member":
            return conflict(
                "scholarship-of-other-member",
                f"{line}. It was awarded to another member. Use it for what that member takes part in.",
                rule="CRE-11",
                **params,
            )
        case "not-eligible":
            return conflict(
                "scholarship-not-for-product",
                f"{line}. Its fund is not for this product. Choose another scholarship, or leave it out.",
                rule="CRE-11",
                **params,
            )
        case "not-begun" | "ended":
            return conflict(
                "scholarship-out-of-dates",
                f"{line}. It cannot be used on that day, by the dates of its fund. Leave it out, or have the dates of "
                "the fund changed.",
                rule="CRE-11",
                **params,
            )
        case "not-enough":
            return conflict(
                "scholarship-used-up",
                f"{line}. {left} minor units of it can be used, and {amount} are asked. Have it cover "
                "what is left, or less.",
                rule="CRE-11",
                **params,
                amount=amount,
                left=left,
                currency=currency,
            )
        case "currency":
            return conflict(
                "scholarship-not-used",
                f"{line}. It is in another currency than the contract. Leave the scholarship out.",
                rule="CRE-11",
                **params,
            )
        case _:
            return conflict(
                "scholarship-not-used", f"{line}. It was refused. Leave the scholarship out.", rule="CRE-11", **params
            )
