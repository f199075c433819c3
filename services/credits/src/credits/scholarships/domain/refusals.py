"""Why scholarships do not cover what contracts asks of a line, in the words that people read (CRE-11)."""

from carnet.events.base import ServiceRefusal
from carnet.events.scholarship_uses import ScholarshipUse, ScholarshipUseRequested
from carnet.events.scholarships import ScholarshipRefusal
from carnet.refusals import Refusal, conflict
from carnet.requests.causes import SCHOLARSHIP_USE


def not_aided(
    asked: ScholarshipUseRequested, use: ScholarshipUse, why: ScholarshipRefusal, left: int
) -> ServiceRefusal:
    """Why a use is refused; ``left`` of the scholarship could be used, in minor units."""
    return SCHOLARSHIP_USE.refused(_not_aided(asked, use, why, left))


def _not_aided(asked: ScholarshipUseRequested, use: ScholarshipUse, why: ScholarshipRefusal, left: int) -> Refusal:
    line = f"The scholarship does not cover a part of “{use.name}”"
    params = {"contract": asked.contract, "change": asked.request, "line": use.line, "scholarship": use.scholarship}
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
                f"{line}. {left} minor units of it can be used, and {use.amount} are asked. Have it cover what is "
                "left, or less.",
                rule="CRE-11",
                **params,
                amount=use.amount,
                left=left,
                currency=asked.currency,
            )
        case "currency":
            return conflict(
                "scholarship-not-used",
                f"{line}. It is in another currency than the contract. Leave the scholarship out.",
                rule="CRE-11",
                **params,
            )
