"""What staff does with one credit: the words of each, its fields, and what the API is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backoffice.apis import Json
from backoffice.languages import N_
from backoffice.moves.kinds import REVERSALS
from backoffice.web.forms import Form

LONGEST_REASON = 500

DIRECTIONS: Mapping[str, str] = {"more": N_("Add to what is left"), "less": N_("Take off what is left")}
WAIVED = "waived"
SETTLED: Mapping[str, str] = {
    "cash": N_("the family paid it in cash"),
    "cheque": N_("the family paid it by cheque"),
    "transfer": N_("the family paid it by bank transfer"),
    "card": N_("the family paid it by card"),
    WAIVED: N_("the school gives it up"),
}
"""How what was due is settled: by which method it was paid, or that it was not."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do with a credit.

    Attributes:
        title: Of the page.
        explains: What it does, in a sentence.
        action: On the button that does it.
        done: What is said once it is done.
        path: Of the API, below the credit.
        body: What the API is asked for; what is wrong is said in the form.
        possible: Whether it can be done with a credit as it is.
    """

    name: str
    title: str
    explains: str
    action: str
    done: str
    path: str
    body: Callable[[Form, str], Json]
    possible: Callable[[Json], bool]


def _adjustment(form: Form, currency: str) -> Json:
    direction, amount = form.choice("direction", DIRECTIONS), form.money("amount", currency)
    if amount is not None and direction == "less":
        amount = {**amount, "amount": -amount["amount"]}
    return {"amount": amount, "reason": form.text("reason", most=LONGEST_REASON)}


def _reversal(form: Form, currency: str) -> Json:
    amount = form.money("amount", currency, required=False)
    return {"reason": form.choice("why", REVERSALS), **({"amount": amount} if amount else {})}


def _settlement(form: Form, currency: str) -> Json:
    how = form.choice("how", SETTLED)
    return {
        "amount": form.money("amount", currency),
        **({"how": WAIVED} if how == WAIVED else {"how": "paid", "method": how}),
        "reason": form.text("reason", most=LONGEST_REASON),
    }


ACTS: Mapping[str, Act] = {
    act.name: act
    for act in (
        Act(
            "adjustment",
            N_("Adjust a credit"),
            N_("Adds to what is left of the credit, or takes off it."),
            N_("Adjust"),
            N_("The credit is adjusted."),
            "adjustments",
            _adjustment,
            lambda credit: credit["status"] == "granted",
        ),
        Act(
            "reversal",
            N_("The bank took the deposit back"),
            N_("Takes what is left of the credit. What was used of it is then due from the family."),
            N_("Record it"),
            N_("It is recorded."),
            "reversal",
            _reversal,
            lambda credit: credit["origin"] == "deposit" and credit["reversed"]["amount"] < credit["amount"]["amount"],
        ),
        Act(
            "settlement",
            N_("Settle what is due of the deposit"),
            N_(
                "The family paid what was used of the deposit, or the school gives it up. Cash and cheques then wait "
                "for a bank deposit."
            ),
            N_("Record it"),
            N_("It is recorded."),
            "due-settlements",
            _settlement,
            lambda credit: credit["due"]["amount"] > 0,
        ),
    )
}
