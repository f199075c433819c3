"""A scholarship on the forms of sales and changes: which one covers how much of a line (CRE-11)."""

from collections.abc import Mapping, Sequence

from backoffice.apis import Away, Json
from backoffice.languages import N_, Language
from backoffice.web.forms import Form

WHY_NOT: Mapping[str, str] = {
    "unknown": N_("The family has no such scholarship."),
    "other-account": N_("The family has no such scholarship."),
    "other-member": N_("It was awarded to another member."),
    "not-eligible": N_("Its fund is not for this product."),
    "not-begun": N_("Its fund has not begun yet."),
    "ended": N_("Its fund has ended."),
    "not-enough": N_("Less is left of it than that."),
    "currency": N_("It is in another currency."),
}
"""Why a scholarship does not cover a line; a reason of a newer release is shown as the API says it."""

Offered = Sequence[Json] | Away
"""The scholarships of the family."""


def labels(found: Offered, names: Mapping[str, str], language: Language, back: str = "") -> dict[str, str]:
    """Those of which something is left, by id, as a form calls them: the fund, for whom, what is left.

    And the one of which the same change gives something back.
    """
    whole = language.gettext("the whole family")
    return {
        each["id"]: f"{each['fund_name']}, {names.get(each['member'], whole)}: {language.money(each['left'])}"
        for each in (() if isinstance(found, Away) else found)
        if each["left"]["amount"] > 0 or each["id"] == back
    }


def scholarship_of(form: Form, suffix: str, ids: Sequence[str], currency: str) -> Json | None:
    """The scholarship that a form has cover a part of a line; None if none is chosen, or with what is wrong beside it.

    ``suffix`` ends the names of the fields.
    """
    chosen = form.choice(f"aid-{suffix}", ["", *ids], required=False)
    if not chosen:
        return None
    amount = form.money(f"aid-amount-{suffix}", currency, required=False)
    rate = form.percent(f"aid-rate-{suffix}", required=False)
    if form.wrong:
        return None
    if (amount is None) == (rate is None):
        form.error(f"aid-amount-{suffix}", form.text_of(N_("Write an amount, or a part in percent.")))
        return None
    if (amount is not None and amount["amount"] == 0) or rate == 0:
        form.error(f"aid-amount-{suffix}", form.text_of(N_("Write more than zero, or choose no scholarship.")))
        return None
    return {"id": chosen, "amount": amount} if amount is not None else {"id": chosen, "rate": rate}
