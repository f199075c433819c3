"""A subscription is paused for August, openly, and lifted: its charges wait, and come back on their days (CON-18)."""

from datetime import date

from carnet.dates import monthly, months_after
from carnet_play.story.desk import Json
from carnet_play.story.showing import lines_table, schedule_table
from carnet_play.story.stage import Family, Stage

MONTHS, PRICE = 12, 4_000
DETAILS = {"kind": "subscription", "unit": "month", "every": 1, "minimum": MONTHS, "pausable": True}


async def play(stage: Stage) -> None:
    """Sell the Bakers a year of the practice room, pause it from August on, and lift the pause in September."""
    bakers = stage.families["Baker"]
    first = months_after(stage.today.replace(day=1), 1, 1)
    august = date(first.year if first.month < 8 else first.year + 1, 8, 1)
    stage.say("Mary subscribes to the practice room from next month on: 40.00 € a month, for a year at least.")
    room = stage.products["Practice room"] = await stage.desk.sell(
        "Practice room", DETAILS, PRICE, format_="one person"
    )
    await stage.wire.expect("ProductChanged", room.id, status="on_sale")
    bought = {**room.bought(), "first_day": first.isoformat()}
    opened = await stage.desk.open(bakers.account.id, {"start": "at_once"}, [bought])
    contract = opened.body["id"]
    subscription = Family(bakers.name, bakers.account, bakers.email, contract)
    stage.amount("The total", expected=MONTHS * PRICE, found=opened.body["total"]["amount"])
    await stage.wire.expect("ScheduleCreated", contract, covers=opened.version)
    months = monthly(first, MONTHS)
    schedule = (await stage.desk.schedule(contract)).body
    stage.instalments("The schedule", schedule, *((day, PRICE) for day in months))

    stage.say("She will be away in August, and doesn't know for how long: an open pause. Look at it first.")
    paused = await _confirm(stage, subscription, "pause", {"on": august.isoformat(), "months": None})
    before = [day for day in months if day < august]
    _waits(stage, paused, before, MONTHS - len(before))
    await stage.wire.expect("SubscriptionPaused", contract, period=len(before) + 1, resumes_on=None)
    await stage.letterbox.expect(bakers.email, "is paused")
    await _stands(stage, bakers, "pause_to_come", august)

    back = date(august.year, 9, 4)
    stage.say("She is back on the fourth of September: the pause is lifted, and the next month begins on that day.")
    lifted = await _confirm(stage, subscription, "pause/lifting", {"on": back.isoformat()})
    after = monthly(back, MONTHS - len(before))
    stage.instalments("The schedule once it is lifted", lifted, *((day, PRICE) for day in (*before, *after)))
    stage.amount("The total", expected=MONTHS * PRICE, found=lifted["balance"]["total"]["amount"])
    await stage.wire.expect(
        "SubscriptionPauseLifted", contract, lifted_on=back.isoformat(), resumes_on=back.isoformat()
    )
    await stage.letterbox.expect(bakers.email, "goes on")
    lines = (await stage.desk.contract(contract)).body["lines"]
    days = [(line["period"], line["first_day"]) for line in lines]
    stage.must("The periods", expected=[(n, day.isoformat()) for n, day in enumerate((*before, *after), 1)], found=days)
    stage.say("No month was billed twice and none was left out; the days between are not billed.")


async def _confirm(stage: Stage, family: Family, what: str, asked: Json) -> Json:
    """Preview and confirm a change of the subscription; its schedule after it, which is the one previewed (CON-3)."""
    path = f"/contracts/v1/contracts/{family.contract}/subscription/{what}"
    preview = (await stage.desk.send(f"{path}/preview", asked)).body
    schedule, lines, seen = preview["schedule"], preview["lines"], preview["versions"]
    stage.console.print(lines_table("preview: the lines", lines["before"], lines["after"], family.names))
    stage.console.print(schedule_table("preview: the schedule", schedule["before"], schedule["after"]))
    done = await stage.desk.send(path, {**asked, "schedule_version": seen["schedule"]}, version=seen["contract"])
    found = (await stage.desk.covered(family.contract, done.version or 0)).body
    stage.must("The balance once confirmed", expected=schedule["after"]["balance"], found=found["balance"])
    return found


def _waits(stage: Stage, schedule: Json, dated: list[date], waiting: int) -> None:
    """Stop the story unless so many charges have no date, and the others theirs."""
    found = [(each["due"], each["amount"]["amount"], each["paused"]) for each in schedule["instalments"]]
    expected = [(day.isoformat(), PRICE, False) for day in dated] + [(None, PRICE, True)] * waiting
    stage.must("What waits until it is lifted", expected=expected, found=found)


async def _stands(stage: Stage, family: Family, status: str, on: date) -> None:
    path = f"/contracts/v1/accounts/{family.account.id}/subscriptions"
    found = [(each["status"], each["on"]) for each in (await stage.desk.read(path)).body["items"]]
    stage.must("The status of the subscription", expected=[(status, on.isoformat())], found=found)
