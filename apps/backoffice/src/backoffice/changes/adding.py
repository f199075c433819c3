"""Choosing what is added: products on sale with their tariffs, fees without a product, discounts."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.apis import Api, Away, Json, Problem, quoted
from backoffice.changes import fees
from backoffice.changes.basket import Basket, Item, Price
from backoffice.contracts.calls import names_of
from backoffice.contracts.purchases import KINDS
from backoffice.languages import N_, Language
from backoffice.scholarships.calls import AIDED, of_family
from backoffice.scholarships.using import Offered, labels, scholarship_of
from backoffice.web import Visit
from backoffice.web.forms import Form

FOUND = 12
"""How many products are shown at once; others are found by searching."""

DISCOUNT, CREDIT, VOUCHER, SUBSCRIPTION = "discount", "client_credit", "gift_voucher", "subscription"
CARD = "gift_card"
FREE = "free"
"""The entry of the list for a fee or an extra without a product."""

NAMED = 5
"""Families that are named if what was typed finds several."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A way of buying a product: the value in a form, and how people call it with its price."""

    value: str
    label: str


async def on_sale(api: Api, search: str, kind: str) -> Json:
    """Products that can be sold, by the beginning of a word of their name and by kind."""
    return await api.get("/catalog/v1/products", status="on_sale", q=search or None, kind=kind or None, limit=FOUND)


async def product(api: Api, id_: str) -> Json | None:
    """A product on sale, by the id that is put on the list; None if there is none."""
    if id_ in {"", FREE}:
        return None
    try:
        found = await api.get(f"/catalog/v1/products/{quoted(id_)}")
    except Problem as problem:
        if problem.status in {404, 422}:
            return None
        raise
    return found if found["status"] == "on_sale" else None


def choices(product: Json, language: Language) -> list[Choice]:
    """The formats and tariffs of a product."""
    return [
        Choice(
            f"{format_['id']}/{tariff['id']}", f"{format_['name']}, {tariff['name']}: {language.money(tariff['price'])}"
        )
        for format_ in product["formats"]
        for tariff in format_["tariffs"]
    ]


async def families(visit: Visit, form: Form, put: str) -> Sequence[Json] | None:
    """The families that the beneficiary of a client credit is searched among (CRE-1); None if none was typed."""
    typed = form.value(f"family-{put}").strip()[:200] if put not in {"", FREE} else ""
    if not typed or not visit.may("accounts:read"):
        return None
    found: Sequence[Json] = (await visit.api.get("/contracts/v1/accounts", q=typed, limit=NAMED))["items"]
    return [each for each in found if each["number"] == typed] or found


def chosen(form: Form, product: Json, so_far: "Chosen", language: Language) -> Item | None:
    """The item of a product's own fields; None with what is wrong beside them."""
    names, currency = so_far.names, so_far.currency
    id_, name = product["id"], product["name"]
    if product["details"]["kind"] == DISCOUNT:
        return Item("discounts", {"product": id_}, name)
    bought = form.choice(f"tariff-{id_}", [choice.value for choice in choices(product, language)])
    body: Json = {"product": id_}
    details = []
    price: Price | None = None
    for format_ in product["formats"]:
        for tariff in format_["tariffs"]:
            if bought == f"{format_['id']}/{tariff['id']}":
                body |= {"format": format_["id"], "tariff": tariff["id"]}
                details += [format_["name"], tariff["name"]]
                price = _price(tariff["price"])
    if product["participant"]:
        member = form.choice(f"member-{id_}", list(names))
        body["participant"] = member
        details.append(names.get(member, ""))
    own, texts = _own(form, product, so_far, language)
    body |= own
    details += texts
    aid = scholarship_of(form, id_, list(so_far.scholarships), currency)
    if aid is not None:
        body["scholarship"] = aid
        details.append(form.text_of(N_("with a scholarship")))
    if "worth" in own:
        price = _price(own["worth"])
    other = form.money(f"price-{id_}", currency, required=False)
    if other is not None:
        body |= {"price": other, "reason": form.text(f"reason-{id_}", most=200)}
        price = _price(other)
    return None if form.wrong else Item("add", body, name, " · ".join(filter(None, details)), price)


def _own(form: Form, product: Json, so_far: "Chosen", language: Language) -> tuple[Json, list[str]]:
    """What is asked for of some kinds only, and how the page calls it."""
    id_, kind, names = product["id"], product["details"]["kind"], so_far.names
    if kind == CREDIT:
        family = _beneficiary(form, f"family-{id_}", so_far.families)
        text = form.text_of(N_("for %(name)s")) % {"name": _family_name(family)} if family else ""
        return ({"beneficiary": family["id"]}, [text]) if family else ({}, [])
    if kind in {VOUCHER, CARD}:
        recipient = form.choice(f"recipient-{id_}", ["", *names], required=False)
        text = form.text_of(N_("for %(name)s")) % {"name": names[recipient]} if recipient else ""
        worth = form.money(f"worth-{id_}", so_far.currency, required=False) if kind == CARD else None
        on = form.day(f"send-{id_}", required=False)
        sent = form.text_of(N_("sent on %(day)s")) % {"day": language.day(on)} if on else ""
        own = {name: value for name, value in (("recipient", recipient), ("worth", worth), ("send_on", on)) if value}
        return own, [words for words in (text, sent) if words]
    if kind == SUBSCRIPTION:
        first = form.day(f"first-{id_}", required=False)
        text = form.text_of(N_("from %(day)s")) % {"day": language.day(first)} if first else ""
        return ({"first_day": first}, [text]) if first else ({}, [])
    code = form.code(f"code-{id_}", required=False)
    return ({"voucher": code}, [form.text_of(N_("with a gift voucher"))]) if code else ({}, [])


def _beneficiary(form: Form, field: str, found: Sequence[Json] | Away | None) -> Json | None:
    """The one family that was found; None if none was typed, or with what is wrong beside the field."""
    if found is None:
        return None
    if isinstance(found, Away):
        form.error(field, form.text_of(N_("Families can’t be searched just now. Try again in a few seconds.")))
    elif not found:
        form.error(field, form.text_of(N_("No family is found by this name or number.")))
    elif len(found) > 1:
        some = "; ".join(_family_name(each) for each in found)
        form.error(
            field, form.text_of(N_("Several families are found: write the number of one. %(some)s")) % {"some": some}
        )
    else:
        return found[0]
    return None


def _family_name(family: Json) -> str:
    owner = names_of(family).get(family["owner"], "")
    return " ".join(filter(None, (owner, family["number"])))


def _price(money: Json) -> Price:
    return Price(amount=int(money["amount"]), currency=str(money["currency"]))


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown beside the list of products while somebody chooses.

    Attributes:
        products: The products on sale that were found.
        product: The product that is put on the list; None if there is none of that id on sale.
        families: Those that a client credit may be for; None if none was typed.
        untaxed: Whether the school charges no VAT at all, by its settings of invoices.
        names: The names of the members by their ids.
        currency: Of the contract.
        lines: What the contract has already.
        scholarships: Those of the family of which something is left, by id, as the form calls them (CRE-11).
    """

    products: Json | Away
    product: Json | Away | None
    families: Sequence[Json] | Away | None
    untaxed: bool | Away
    names: Mapping[str, str]
    currency: str
    lines: Sequence[Json] = ()
    scholarships: Mapping[str, str] = field(default_factory=dict)


def choosing(visit: Visit, form: Form, basket: Basket, chosen_so_far: Chosen, put: str) -> Json:
    """What ``changes/choosing.html`` takes, once what is ``put`` on the list is there; what is wrong is in the form."""
    item = None
    if put == FREE:
        item = fees.free_line(form, chosen_so_far.currency, untaxed=chosen_so_far.untaxed)
    elif isinstance(chosen_so_far.product, dict):
        item = chosen(form, chosen_so_far.product, chosen_so_far, visit.language)
    elif put:
        form.refusal = visit.gettext("This product is not on sale any more. Choose another one.")
    on_sale = () if isinstance(chosen_so_far.products, Away) else chosen_so_far.products["items"]
    sold = [each["vat_rate"] for each in (*on_sale, *chosen_so_far.lines)]
    rates = fees.rates(sold, untaxed=chosen_so_far.untaxed is True)
    return {
        "names": chosen_so_far.names,
        "products": chosen_so_far.products,
        "kinds": KINDS,
        "form": form,
        "basket": basket.with_(item) if item else basket,
        "choices": lambda product: choices(product, visit.language),
        "aided": AIDED,
        "scholarships": chosen_so_far.scholarships,
        "rates": [visit.language.typed_percent(rate) for rate in rates],
        "most": FOUND,
    }


def asked(visit: Visit, form: Form, put: str) -> Sequence[Awaitable[Any]]:
    """The calls that a page on which somebody chooses makes, in the order of ``Chosen``."""
    return (
        on_sale(visit.api, form.value("search").strip()[:200], form.value("kind")),
        product(visit.api, put),
        families(visit, form, put),
        fees.untaxed(visit),
    )


async def scholarships(visit: Visit, account: str) -> Sequence[Json]:
    """The scholarships of a family (CRE-11); none if the person may not see credits."""
    if not visit.may("credits:read"):
        return ()
    found = await of_family(visit.api, account)
    return () if isinstance(found, Away) else found["items"]


def labelled(visit: Visit, found: Offered, names: Mapping[str, str], back: str = "") -> Mapping[str, str]:
    """The scholarships that can be chosen, by id; also one that gets something back from a line that is cancelled."""
    return labels(found, names, visit.language, back)


def basket_of(form: Form) -> Basket:
    """What was chosen before."""
    return Basket.read(form.value("basket"))
