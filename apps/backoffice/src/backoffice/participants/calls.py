"""What the pages of participants ask of contracts and credits."""

from collections.abc import Mapping
from hashlib import sha256

from backoffice.apis import Json, quoted
from backoffice.languages import N_
from backoffice.web import Visit

JOBS, BULK = "/credits/v1/jobs", "/credits/v1/bulk-credits"
PER_PAGE, AT_ONCE, LONGEST_REPORT = 100, 200, 100
MOST_FAMILIES = 2_000
"""How many families one job grants a credit at most."""

PAID: Mapping[str, tuple[str, str]] = {
    "paid": ("ok", N_("paid")),
    "partly_paid": ("wait", N_("partly paid")),
    "unpaid": ("late", N_("not paid")),
}
"""How a purchase is paid: a colour and words (PAY-14)."""

FIELDS: Mapping[str, str] = {"amount.amount": "amount", "amount.currency": "amount"}
"""The form's names of the fields of the request, where they differ."""


def path_of(product: str) -> str:
    """The address of the participants of a product in the API."""
    return f"/contracts/v1/products/{quoted(product)}/participants"


async def families_of(visit: Visit, product: str) -> list[str]:
    """The accounts of all who take part, each once: one more than ``MOST_FAMILIES`` where there are more."""
    found: dict[str, None] = {}
    cursor: str | None = None
    while True:
        page: Json = await visit.api.get(path_of(product), limit=AT_ONCE, cursor=cursor)
        found.update(dict.fromkeys(each["account"] for each in page["items"]))
        cursor = page["next"]
        if cursor is None or len(found) > MOST_FAMILIES:
            return list(found)[: MOST_FAMILIES + 1]


def known_by(families: list[str]) -> str:
    """What distinguishes these families from others, for a form that has to be seen with the same ones."""
    return sha256(" ".join(sorted(families)).encode()).hexdigest()[:16]
