"""A change, or an opening, that waits for other services, and one that they refused, in words (CRE-4)."""

from collections.abc import Mapping, Sequence

from backoffice.apis import Json, Problem
from backoffice.languages import N_
from backoffice.problems import sentence
from backoffice.web import Visit

CAUSES: Mapping[str, str] = {
    "credit-removal": N_("client credits, gift cards, gift vouchers and session packs that were sold"),
    "voucher-redemption": N_("gift vouchers that are presented"),
    "scholarship-use": N_("scholarships that are to be used"),
}
"""What is asked about, by the cause that the API names."""


def asked_about(visit: Visit, requests: Sequence[Json]) -> str:
    """What has not been answered yet, in words; empty if nothing waits, or only what a newer release asks."""
    waiting = (each["cause"] for each in requests if each["status"] == "waiting")
    words = [CAUSES[cause] for cause in waiting if cause in CAUSES]
    return ", ".join(visit.gettext(text) for text in words)


async def why_refused(visit: Visit, refusals: Sequence[Json]) -> list[str]:
    """Why the services that were asked refused: sentences."""
    currency = await visit.currency()
    return [sentence(Problem(409, each["problem"], each["params"]), visit.language, currency) for each in refusals]
