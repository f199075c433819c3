"""Moves of a schedule by staff."""

from tests.backoffice.front import FakeFront
from tests.backoffice.registry import Page
from tests.backoffice.subjects import changes
from tests.backoffice.subjects import contracts as given

PATH = "/contracts/{contract}/moves"
DUE = given.SCHEDULE["instalments"]

PAGES = [
    Page("move-payment", f"{PATH}/payment?about={DUE[1]['id']}", role="cashier"),
    Page("move-instalment", f"{PATH}/instalment?about={DUE[1]['id']}", role="cashier"),
    Page("move-removal", f"{PATH}/removal?about={DUE[1]['id']}", role="cashier"),
    Page("move-planning", f"{PATH}/planning", role="cashier"),
    Page("move-cheques", f"{PATH}/cheques", role="cashier"),
    Page("move-voiding", f"{PATH}/voiding?about={given.PAYMENTS[0]['id']}", role="cashier"),
    Page("move-reversal", f"{PATH}/reversal?about={given.PAYMENTS[0]['id']}", role="cashier"),
]

PREVIEW = {
    "schedule_version": 4,
    "covers": 7,
    "before": changes.BEFORE,
    "after": changes.moment(48600, [("2027-10-20", 16200), ("2027-11-05", 8100), ("2027-12-05", 8100)]),
}


def answers(front: FakeFront) -> None:
    path = f"POST /payments/v1/schedules/{given.CONTRACT}"
    paid, due = given.PAYMENTS[0]["id"], DUE[1]["id"]
    for move in (
        "payments",
        "planning",
        "cheques",
        f"instalments/{due}/changes",
        f"instalments/{due}/cancellation",
        f"payments/{paid}/voiding",
        f"payments/{paid}/reversal",
    ):
        more = {"beyond": given.euros(2000)} if move.endswith("reversal") else {}
        front.answers[f"{path}/{move}/preview"] = PREVIEW | more
        front.answers[f"{path}/{move}"] = given.SCHEDULE
    front.answers[f"{path}/collection"] = {"attempts": [{"status": "asked"}], "schedule": given.SCHEDULE}
