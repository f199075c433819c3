"""Why a client credit, or a gift card, does not pay a part of a contract, in the words that people read.

Credits says them with its answer. Payments says them of what it finds itself, and of an answer that was published
before it had words.
"""

from collections.abc import Mapping

from carnet.refusals import Refusal, conflict, unknown

_SENTENCES: Mapping[str, str] = {
    "removed": "It was removed with the line that sold it. Use another one.",
    "other-account": "The credit is another account's than the contract. Use one of the contract's account.",
    "other-currency": "It is in another currency than the contract. Use one in the contract's currency.",
    "more-than-left": "Less than that is left of it. Read it again, and use no more than is left.",
    "sold-by-this-contract": "A contract is not paid with what it sells. Use another credit or gift card.",
}


def use_refused(why: str, credit: str) -> Refusal:
    """A client credit or a gift card does not pay a part of a contract (CRE-3, CRE-8), by the code of the reason."""
    match why:
        case "unknown-credit":
            return unknown("credit", credit)
        case "suspended":
            return conflict(
                "credit-suspended",
                "The contract that sold it is not fully paid any more, so what is left of it is suspended. "
                "Use it once that contract is paid again, or pay another way.",
                rule="CRE-2",
                credit=credit,
            )
        case "unknown-code":
            return conflict(
                "wrong-code",
                "This is not the code of the gift card. Compare it with the card, character by character.",
                rule="CRE-8",
                credit=credit,
            )
        case "too-many-codes":
            return conflict(
                "too-many-codes",
                "Too many codes that do not exist were tried. Try again in an hour.",
                rule="CRE-8",
                credit=credit,
            )
    if why not in _SENTENCES:  # what a newer release of credits has added
        return conflict(
            "credit-refused", "Credits refused the use of this credit. Use another one.", rule="CRE-3", credit=credit
        )
    return conflict(f"credit-{why}", _SENTENCES[why], rule="CRE-3", credit=credit)
