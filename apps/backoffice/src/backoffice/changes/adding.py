"""Choosing what is added: products on sale with their tariffs, fees without a product, discounts."""

from dataclasses import dataclass

from backoffice.apis import Api, Json, Problem, quoted
from backoffice.changes.basket import Basket, Item, Price
from backoffice.languages import N_, Language
from backoffice.web.forms import Form

FOUND = 12
"""Products shown at once: whoever wants another one searches."""

DISCOUNT = "discount"


@dataclass(frozen=True, slots=True)
class Choice:
    """A way of buying a product: the value in a form, and how people call it with its price."""

    value: str
    label: str


async def on_sale(api: Api, search: str, kind: str) -> Json:
    """Products that can be sold, by the beginning of a word of their name and by kind."""
    return await api.get("/catalog/v1/products", status="on_sale", q=search or None, kind=kind or None, limit=FOUND)


async def product(api: Api, id_: str) -> Json | None:
    """A product on sale, by its id; None if there is none."""
    if not id_:
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


def chosen(form: Form, product: Json, names: dict[str, str], currency: str, language: Language) -> Item | None:
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
    other = form.money(f"price-{id_}", currency, required=False)
    if other is not None:
        body |= {"price": other, "reason": form.text(f"reason-{id_}", most=200)}
        price = _price(other)
    return None if form.wrong else Item("add", body, name, " · ".join(filter(None, details)), price)


def free_line(form: Form, currency: str, rates: list[str]) -> Item | None:
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


def basket_of(form: Form) -> Basket:
    """What was chosen before."""
    return Basket.read(form.value("basket"))
