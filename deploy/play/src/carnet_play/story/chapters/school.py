"""Two courses, a workshop, a licence, a 10 % discount and a client credit go on sale (CAT-5)."""

from datetime import date

from rich.table import Table

from carnet.dates import utc_now
from carnet_play.story.desk import Json, money
from carnet_play.story.showing import euros
from carnet_play.story.stage import EVENING, MORNING, SUPPORT, Stage

RETRY_AFTER = (3, 7)
"""Days after each failed attempt until the next."""


async def play(stage: Stage) -> None:
    """Set up the organisation, move its test clock to the first of September, and put the products on sale."""
    stage.say("The school is a test organisation, so its clock can be moved: to the next first of September.")
    await stage.desk.set_up("Pas de Deux", SUPPORT)
    await stage.clock(_next_september(), MORNING)
    stage.say("What is due is collected from six in the evening, and tried again 3 and 7 days after a failure.")
    await stage.desk.collect_from(EVENING, RETRY_AFTER)

    for name, details, price, participant in _offer():
        stage.products[name] = await stage.desk.sell(name, details, price, participant=participant)
    for product in stage.products.values():
        await stage.wire.expect("ProductChanged", product.id, status="on_sale")
    table = Table("on sale", "kind", title="the catalog", title_justify="left", title_style="bold")
    table.add_column("price", justify="right")
    for name, details, price, _ in _offer():
        table.add_row(name, str(details["kind"]).replace("_", " "), "-10 %" if price is None else euros(price))
    stage.console.print(table)


def _offer() -> list[tuple[str, Json, int | None, bool]]:
    """What is sold: name, details, price in minor units, whether it is for somebody."""
    on_dances = {"kind": "discount", "rate": 1_000, "kinds": ["course", "workshop"]}
    return [
        ("Ballet", {"kind": "course", "capacity": 20}, 30_000, True),
        ("Modern jazz", {"kind": "course", "capacity": 20}, 24_000, True),
        ("Tap workshop", {"kind": "workshop", "capacity": 12}, 6_000, True),
        ("Dance licence", {"kind": "licence", "federation": "FFD"}, 3_500, True),
        ("Family discount", on_dances, None, False),
        ("Credit of 50 €", {"kind": "client_credit", "value": money(5_000)}, 5_000, False),
    ]


def _next_september() -> date:
    today = utc_now().date()
    this_year = date(today.year, 9, 1)
    # A clock moves forward only, and the day itself may already be past nine in the morning.
    return this_year if today < this_year else date(today.year + 1, 9, 1)
