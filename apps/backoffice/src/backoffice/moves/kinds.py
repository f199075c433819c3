"""What staff can do with a schedule: the words of each, its fields, and what the API is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backoffice.apis import Json, quoted
from backoffice.contracts.amounts import RECEIVED
from backoffice.languages import N_
from backoffice.web.forms import Form

MOST_INSTALMENTS = 60

REVERSALS: Mapping[str, str] = {
    "returned_debit": N_("returned debit"),
    "chargeback": N_("disputed by the card holder"),
    "bounced_cheque": N_("bounced cheque"),
    "other": N_("another reason"),
}
"""Why the bank takes a payment back."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing to do with a schedule.

    Attributes:
        title: Of the page.
        explains: What it does, in a sentence.
        action: On the button that does it.
        done: What is said once it is done.
        path: Of the API, below the schedule; with the id of what it is about in braces.
        body: What the API is asked for, of the form and the schedule; what is wrong is said in the form.
        fields: The form's names of the fields of the request, where they differ.
    """

    name: str
    title: str
    explains: str
    action: str
    done: str
    path: str
    body: Callable[[Form, str], Json]
    fields: Mapping[str, str]

    def address(self, contract: str, about: str) -> str:
        """Where the API does it."""
        return f"/payments/v1/schedules/{quoted(contract)}/{self.path.format(id=quoted(about))}"


_PAPER: Mapping[str, int] = {"number": 40, "bank": 120, "holder": 120}
"""What a cheque says of itself, each with its length at most."""


def _payment(form: Form, currency: str) -> Json:
    body: Json = {
        "amount": form.money("amount", currency),
        "method": form.choice("method", RECEIVED),
        "received_on": form.day("received_on"),
    }
    if form.value("instalment"):
        body["instalment"] = form.value("instalment")
    if form.ticked("meant"):
        body["overpayment_confirmed"] = True
    paper = {name: form.text(f"cheque-{name}", required=False, most=most) for name, most in _PAPER.items()}
    if any(paper.values()):
        body["cheque"] = {name: text or None for name, text in paper.items()}
    return body


def _instalment(form: Form, currency: str) -> Json:
    body: Json = {}
    # What waits for a pause to be lifted has no date before, and needs none.
    amount, due = form.money("amount", currency), form.day("due", required=bool(form.value("due-before")))
    method = form.choice("method", RECEIVED, required=False)
    # The form has what the person saw and what they want, so only what differs is asked for.
    if amount != form.money("amount-before", currency, required=False):
        body["amount"] = amount
    if form.value("due") != form.value("due-before"):
        body["due"] = due
    if method and method != form.value("method-before"):
        body["method"] = method
    if not body and not form.wrong:
        form.refusal = form.text_of(N_("Nothing is different. Change the date, the amount or the method."))
    return body


def _planning(form: Form, _: str) -> Json:
    return {"count": form.whole("count", least=1, most=MOST_INSTALMENTS), "first_due": form.day("first_due")}


def _reason(form: Form, _: str) -> Json:
    return {"reason": form.text("reason", most=500)}


def _reversal(form: Form, currency: str) -> Json:
    body: Json = {"reason": form.choice("why", REVERSALS)}
    amount = form.money("amount", currency, required=False)
    if amount is not None:
        body["amount"] = amount
    if form.ticked("another"):
        body["another"] = True
    return body


def _cheques(form: Form, currency: str) -> Json:
    bank, holder = form.text("bank", most=100), form.text("holder", most=200)
    cheques = [
        {
            "due": form.day(f"due-{instalment}"),
            "amount": form.money(f"amount-{instalment}", currency),
            "bank": bank,
            "holder": holder,
        }
        for instalment in form.values("cheque")
    ]
    if not cheques and not form.wrong:
        form.refusal = form.text_of(N_("Tick the payments for which you hold a cheque."))
    return {"cheques": cheques}


def _nothing(_form: Form, _currency: str) -> Json:
    return {}


MOVES: Mapping[str, Move] = {
    move.name: move
    for move in (
        Move(
            "payment",
            N_("Record a payment"),
            N_("Cash, a cheque, a transfer or a card payment that you have received."),
            N_("Record the payment"),
            N_("The payment is recorded."),
            "payments",
            _payment,
            {"amount.amount": "amount", **{f"cheque.{name}": f"cheque-{name}" for name in _PAPER}},
        ),
        Move(
            "instalment",
            N_("Change a payment to come"),
            N_("Its date, its amount or how it is paid. What its amount gains or loses goes to the other payments."),
            N_("Change the payment"),
            N_("The payment is changed."),
            "instalments/{id}/changes",
            _instalment,
            {"amount.amount": "amount"},
        ),
        Move(
            "removal",
            N_("Take a payment to come off its date"),
            N_("Its amount is then on no date: put it on dates again, or record a payment."),
            N_("Take it off"),
            N_("The amount is on no date now."),
            "instalments/{id}/cancellation",
            _nothing,
            {},
        ),
        Move(
            "planning",
            N_("Put on dates"),
            N_("What is on no date is spread over equal monthly payments."),
            N_("Put on these dates"),
            N_("It is on dates now."),
            "planning",
            _planning,
            {},
        ),
        Move(
            "cheques",
            N_("Hold post-dated cheques"),
            N_("Cheques that the family hands over now and that you deposit on their dates."),
            N_("Hold these cheques"),
            N_("The cheques are held until their dates."),
            "cheques",
            _cheques,
            {},
        ),
        Move(
            "voiding",
            N_("Void a wrong entry"),
            N_("For a payment that was never received, or was entered wrong. It is as if it had never been there."),
            N_("Void the entry"),
            N_("The entry is voided."),
            "payments/{id}/voiding",
            _reason,
            {},
        ),
        Move(
            "reversal",
            N_("Taken back by the bank"),
            N_("For a payment that you had received and that the bank took back: it has to be paid again."),
            N_("Record it"),
            N_("It is recorded: the amount has to be paid again."),
            "payments/{id}/reversal",
            _reversal,
            {"amount.amount": "amount", "reason": "why"},
        ),
    )
}
