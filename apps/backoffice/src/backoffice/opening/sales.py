"""How a contract is paid, as staff says it, and as the API takes it (PAY-7)."""

from collections.abc import Mapping

from backoffice.apis import Json
from backoffice.languages import N_
from backoffice.moves.kinds import MOST_INSTALMENTS
from backoffice.web.forms import Form

WAYS: Mapping[str, str] = {
    "instalments": N_("by monthly payments"),
    "at_once": N_("all at once, today"),
    "deposit": N_("a deposit today, then monthly payments"),
    "later": N_("to be decided later"),
}
MODES: Mapping[str, str] = {"online": N_("online"), "on_site": N_("on site")}
FIELDS = ("mode", "way", "count", "first_due", "deposit")
"""The fields that say how it is paid."""


def sale_of(form: Form, currency: str) -> Json:
    """``mode`` and ``sale`` of the request; what is wrong is said in the form."""
    mode, way = form.choice("mode", MODES), form.choice("way", WAYS)
    sale: Json = {"start": way}
    if way in {"instalments", "deposit"}:
        sale["count"] = form.whole("count", least=1, most=MOST_INSTALMENTS)
        first = form.day("first_due", required=False)
        if first is not None:
            sale["first_due"] = first
    if way == "deposit":
        deposit = form.money("deposit", currency)
        sale["deposit"] = deposit["amount"] if deposit else 0
    if way == "later" and mode == "on_site":
        sale = {"start": "on_site"}
    return {"mode": mode, "sale": sale}
