"""An online plan is changed for a larger one in mid-term: the difference is paid, access never stops (CON-19)."""

from collections.abc import Callable
from datetime import timedelta

from carnet_play.story.desk import Json, Product
from carnet_play.story.stage import MORNING, Family, Stage
from carnet_play.story.wire import Arrived

COURSE = "music-theory"
SMALL, LARGE = 12_000, 18_000


async def play(stage: Stage) -> None:
    """Sell Noé ten lessons online, and change them for the whole course two weeks later."""
    martins = stage.families["Martin"]
    who = martins.account.members["Noé"]
    stage.say("Two online plans open the same course on the school's platform: ten lessons of it, or all of them.")
    ten = await _plan(stage, "Music theory, ten lessons", SMALL, {"lessons": 10})
    whole = await _plan(stage, "Music theory, whole", LARGE, {})

    stage.say("Noé gets ten lessons for a year, paid at once. The platform lets him in.")
    opened = await stage.desk.open(martins.account.id, {"start": "at_once"}, [ten.bought(who)])
    [line] = opened.body["lines"]
    student = Family(martins.name, martins.account, martins.email, opened.body["id"])
    await stage.wire.expect("ScheduleCreated", student.contract, covers=opened.version)
    paid = await stage.desk.pay(student.contract, SMALL)
    stage.must("Fully paid", expected=True, found=paid.body["schedule"]["fully_paid"])
    granted = await stage.wire.until(_about(student, "AccessGranted"), "the access of Noé")
    stage.must("How many lessons are open", expected=10, found=granted.body["settings"]["lessons"])

    stage.say("Two weeks later he wants the rest. One change: the whole course in, the ten lessons out.")
    await stage.clock(stage.today + timedelta(days=14), MORNING)
    change = {"plans": [{"line": line["id"], "product": whole.id, "format": whole.format, "tariff": whole.tariff}]}
    preview = await stage.preview(student, change)
    [access] = preview["accesses"]
    stage.must("What happens to the access", expected="changed", found=access["what"])
    await stage.confirm(student, change, preview)
    schedule = (await stage.desk.schedule(student.contract)).body
    stage.amount("The total", expected=LARGE, found=schedule["balance"]["total"]["amount"])
    stage.amount("What is paid", expected=SMALL, found=schedule["balance"]["paid"]["amount"])
    stage.instalments("The difference", schedule, (stage.today, LARGE - SMALL))
    await stage.wire.expect("PlanChanged", student.contract, line_before=line["id"])
    await stage.letterbox.expect(martins.email, "Music theory, whole")

    changed = await stage.wire.until(_about(student, "AccessChanged"), "the change of the access")
    stage.must("How many lessons are open now", expected=None, found=changed.body["settings"]["lessons"])
    first, changed_to = granted.body["first_day"], changed.body["first_day"]
    stage.must("The first day of the access", expected=first, found=changed_to)
    moved = [event.name for event in stage.wire.received.values() if event.aggregate == granted.aggregate]
    stage.must("What the platform receives", expected=["AccessGranted", "AccessChanged"], found=moved)
    await _may_enter(stage, who)


def _about(family: Family, name: str) -> Callable[[Arrived], bool]:
    return lambda event: event.name == name and event.body["contract"] == family.contract


async def _plan(stage: Stage, name: str, price: int, settings: Json) -> Product:
    details = {"kind": "online_plan", "courses": [COURSE], "settings": settings, "months": 12}
    plan = stage.products[name] = await stage.desk.sell(name, details, price, participant=True)
    await stage.wire.expect("ProductChanged", plan.id, status="on_sale")
    return plan


async def _may_enter(stage: Stage, member: str) -> None:
    """Ask as a platform does that does not subscribe (CON-20)."""
    platform = stage.desk.with_token(stage.suite.token(stage.organisation, ("access:read",)))
    found = (await platform.read(f"/contracts/v1/members/{member}/accesses")).body["items"]
    shown = [(each["course"], each["settings"]["lessons"]) for each in found]
    stage.must("What Noé may enter today", expected=[(COURSE, None)], found=shown)
    stage.say("He was never without access, and the family pays the difference of 60.00 €.")
