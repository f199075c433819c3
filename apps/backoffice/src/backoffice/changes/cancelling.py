"""Choosing what is cancelled: lines, with the discounts that refer to them (CON-6)."""

from collections.abc import Collection

from backoffice.apis import Json


def live(contract: Json) -> list[Json]:
    """What can be cancelled."""
    return [line for line in contract["lines"] if line["state"] == "live"]


def discounts_on(contract: Json, lines: Collection[str]) -> list[Json]:
    """The live discounts that take something off one of these lines: they have to go along (CON-6)."""
    return [
        line
        for line in live(contract)
        if line["kind"] == "discount" and any(share["line"] in lines for share in line["shares"])
    ]


def stay(discount: Json, lines: Collection[str]) -> bool:
    """Whether a discount still has a line to take something off, once these lines are cancelled."""
    return any(share["line"] not in lines for share in discount["shares"])


def body_of(contract: Json, cancelled: Collection[str], again: Collection[str], fee: Json | None = None) -> Json:
    """The change: these lines and discounts cancelled, those of the discounts placed again that stay useful, a fee."""
    discounts = [
        line["product"]
        for line in live(contract)
        if line["id"] in again and line["id"] in cancelled and stay(line, cancelled)
    ]
    body: Json = {"cancel": [line["id"] for line in live(contract) if line["id"] in cancelled]}
    if fee is not None:
        body["free"] = [fee]
    return body | {"discounts": [{"product": product} for product in discounts]} if discounts else body
