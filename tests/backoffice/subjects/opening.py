"""A contract that is opened."""

import httpx

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page
from tests.backoffice.subjects import changes
from tests.backoffice.subjects import contracts as given

PAGES = [
    Page("open-contract", "/open-contract?search=mar"),
    Page("open-contract-choose", "/open-contract/{account}"),
]

PREVIEW = {
    "lines": {"before": [], "after": [changes.ADDED]},
    "total": {"before": given.euros(0), "after": given.euros(6000)},
    "schedule": {"before": None, "after": changes.moment(6000, [("2027-10-05", 3000), ("2027-11-05", 3000)])},
    "advice": [],
    "asks": [],
    "vouchers": [],
    "versions": {"contract": 0, "schedule": 0},
}


def answers(front: FakeFront) -> None:
    front.answers["GET /contracts/v1/accounts"] = {"items": [given.ACCOUNT_VIEW], "next": None}
    front.answers["POST /contracts/v1/contracts/preview"] = PREVIEW
    front.answers["POST /contracts/v1/contracts"] = lambda _: httpx.Response(201, json=given.CONTRACT_VIEW)
