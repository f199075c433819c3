"""Choosing what is added: products on sale with their tariffs, fees without a product, discounts."""

from collections.abc import Awaitable, Collection, Mapping
from dataclasses import dataclass

from backoffice.apis import Api, Away, Json, Problem, quoted
from backoffice.changes.basket import Basket, Item, Price
from backoffice.contracts.purchases import KINDS
from backoffice.languages import N_, Language
from backoffice.web import Visit
from backoffice.web.forms import Form

FOUND = 12
"""Products shown at once: whoever wants another one searches."""

DISCOUNT, CREDIT, VOUCHER, SUBSCRIPTION = "discount", "client_credit", "gift_voucher", "subscription"
FREE = "free"
"""What is put on the list instead of a product: a fee or an extra without one."""


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


def chosen(form: Form, product: Json, names: Mapping[str, str], currency: str, language: Language) -> Item | None:
    """The item of a product's own fields; None with what is wrong beside them."""
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
    own, said = _own(form, product, names, language)
    body |= own
    details += said
    other = form.money(f"price-{id_}", currency, required=False)
    if other is not None:
        body |= {"price": other, "reason": form.text(f"reason-{id_}", most=200)}
        price = _price(other)
    return None if form.wrong else Item("add", body, name, " · ".join(filter(None, details)), price)


def _own(form: Form, product: Json, names: Mapping[str, str], language: Language) -> tuple[Json, list[str]]:
    """What is asked for of some kinds only, and how the page calls it."""
    id_, kind = product["id"], product["details"]["kind"]
    if kind == VOUCHER:
        recipient = form.choice(f"recipient-{id_}", ["", *names], required=False)
        said = form.text_of(N_("for %(name)s")) % {"name": names[recipient]} if recipient else ""
        return ({"recipient": recipient}, [said]) if recipient else ({}, [])
    if kind == SUBSCRIPTION:
        first = form.day(f"first-{id_}", required=False)
        said = form.text_of(N_("from %(day)s")) % {"day": language.day(first)} if first else ""
        return ({"first_day": first}, [said]) if first else ({}, [])
    code = "" if kind == CREDIT else form.text(f"code-{id_}", most=40, required=False)
    return ({"voucher": code}, [form.text_of(N_("with a gift voucher"))]) if code else ({}, [])


def free_line(form: Form, currency: str, rates: Collection[str]) -> Item | None:
    """A fee or an extra without a product (CON-2); None with what is wrong beside its fields."""
    name = form.text("free-name", most=200)
    price = form.money("free-price", currency)
    rate = form.choice("free-rate", rates)
    if form.wrong or price is None:
        return None
    if price["amount"] <= 0:
        form.error("free-price", form.text_of(N_("Write an amount above zero.")))
        return None
    return Item("free", {"name": name, "price": price, "vat_rate": int(rate)}, name, "", _price(price))


def _price(money: Json) -> Price:
    return Price(amount=int(money["amount"]), currency=str(money["currency"]))


RATES = ("2000", "1000", "550", "210", "0")
"""The rates of VAT that a fee can have, in basis points."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What stands beside the list of products while somebody chooses.

    Attributes:
        products: The products on sale that were found.
        product: The product that is put on the list; None if there is none of that id on sale.
        names: The names of the members by their ids.
        currency: Of the contract.
    """

    products: Json | Away
    product: Json | Away | None
    names: Mapping[str, str]
    currency: str


def choosing(visit: Visit, form: Form, basket: Basket, chosen_so_far: Chosen, put: str) -> Json:
    """What ``changes/choosing.html`` takes, once what is ``put`` on the list is there; what is wrong is in the form."""
    item = None
    if put == FREE:
        item = free_line(form, chosen_so_far.currency, RATES)
    elif isinstance(chosen_so_far.product, dict):
        item = chosen(form, chosen_so_far.product, chosen_so_far.names, chosen_so_far.currency, visit.language)
    elif put:
        form.refusal = visit.gettext("This product is not on sale any more. Choose another one.")
    return {
        "names": chosen_so_far.names,
        "products": chosen_so_far.products,
        "kinds": KINDS,
        "form": form,
        "basket": basket.with_(item) if item else basket,
        "choices": lambda product: choices(product, visit.language),
        "rates": {rate: visit.language.percent(int(rate)) for rate in RATES},
        "most": FOUND,
    }


def searched(visit: Visit, form: Form) -> Awaitable[Json]:
    """The products on sale that the form searches for."""
    return on_sale(visit.api, form.value("search").strip()[:200], form.value("kind"))


def basket_of(form: Form) -> Basket:
    """What was chosen before."""
    return Basket.read(form.value("basket"))
