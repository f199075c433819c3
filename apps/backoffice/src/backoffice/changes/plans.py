"""Changing an online plan for another one of the same member (CON-19)."""

from collections.abc import Collection, Sequence

from backoffice.apis import Json
from backoffice.changes.adding import Choice, choices
from backoffice.changes.cancelling import body_of, discounts_on
from backoffice.languages import Language

KIND = "online_plan"


def offered(products: Sequence[Json], line: Json, language: Language) -> list[Choice]:
    """The plans on sale in each of their formats and tariffs, but for that of the line; a value is the three ids."""
    all_ = (
        Choice(f"{product['id']}/{choice.value}", f"{product['name']}, {choice.label}")
        for product in products
        for choice in choices(product, language)
    )
    bought = [line["product"], *(each["id"] for each in (line["format"], line["tariff"]) if each)]
    return [choice for choice in all_ if choice.value != "/".join(bought)]


def change_of(contract: Json, line: str, chosen: str, again: Collection[str], scholarship: Json | None = None) -> Json:
    """The change: the plan, and the discounts on it, which go along and are placed ``again`` if that is wanted.

    A ``scholarship`` covers a part of the new plan (CRE-11).
    """
    product, format_, tariff = chosen.split("/")
    along = {each["id"] for each in discounts_on(contract, {line})}
    # Once it is changed the discount can be placed on the new plan, so it stays useful: nothing but it is cancelled.
    body = body_of(contract, along, again)
    plan: Json = {"line": line, "product": product, "format": format_, "tariff": tariff}
    body["plans"] = [plan | ({"scholarship": scholarship} if scholarship else {})]
    return body if body["cancel"] else {name: value for name, value in body.items() if name != "cancel"}
