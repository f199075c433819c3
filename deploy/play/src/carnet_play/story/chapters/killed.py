"""Forty changes of eight contracts, and no payments worker in the middle: nothing lost, nothing twice (PAY-11)."""

import asyncio

from rich.table import Table

from carnet_play.story.chapters.enrolment import IN_THREE
from carnet_play.story.desk import Json, Person, RefusedError
from carnet_play.story.showing import euros, short
from carnet_play.story.stage import FAMILIES as DOMAIN
from carnet_play.story.stage import Family, Stage
from carnet_play.story.waiting import eventually

FAMILIES = ("Adler", "Costa", "Dubois", "Evans", "Fontaine", "Garcia", "Haddad", "Ivanov")
EACH = 5
KILLED_AFTER = 15


class Rush:
    """Changes confirmed side by side, counted."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.confirmed = 0
        self.halfway = asyncio.Event()

    async def changes(self, family: Family) -> int:
        """Add a licence to the family's contract, five times; the version of the contract after the last."""
        version = 0
        for _ in range(EACH):
            version = await self._one(family, {"add": [self._stage.products["Dance licence"].bought(_child(family))]})
            self.confirmed += 1
            if self.confirmed == KILLED_AFTER:
                self.halfway.set()
        return version

    async def _one(self, family: Family, change: Json) -> int:
        """Confirm a change on what is known of the contract now; again where the schedule has moved meanwhile."""
        desk = self._stage.desk
        while True:
            seen = await desk.contract(family.contract)
            versions = {"contract": seen.version or 0, "schedule": seen.body["schedule"]["version"]}
            try:
                return (await desk.confirm(family.contract, change, versions)).version or 0
            except RefusedError as refused:
                if refused.slug != "schedule-moved":
                    raise


async def play(stage: Stage) -> None:
    """Open eight contracts, change each five times at once, kill the worker on the way, count what came of it."""
    stage.say("Eight more families enrol on modern jazz.")
    with stage.quietly():
        families = await asyncio.gather(*(_enrol(stage, name) for name in FAMILIES))
        rush = Rush(stage)
        killer = asyncio.create_task(_kill(stage, rush))
        stage.say(f"Each contract now gets {EACH} licences, one by one, all eight side by side.")
        versions = await asyncio.gather(*(rush.changes(family) for family in families))
        await killer
        stage.say(f"All {rush.confirmed} are confirmed: changes go on while payments is away. Now it catches up.")
        for family, version in zip(families, versions, strict=True):
            await stage.wire.expect("ScheduleAdjusted", family.contract, covers=version)
        await _mails(stage, families)
        await stage.mails_published()
    table = Table("contract", title="nothing lost, nothing twice", title_justify="left", title_style="bold")
    for column in ("changes", "answers of payments", "total", "to come", "mails"):
        table.add_column(column, justify="right")
    for family in families:
        table.add_row(*await _outcome(stage, family))
    stage.console.print(table)


async def _enrol(stage: Stage, name: str) -> Family:
    email = f"{name.lower()}@{DOMAIN}"
    account = await stage.desk.account(Person("Alex", name, "adult", email), Person("Kim", name), language="en")
    family = Family(name, account, email)
    jazz = stage.products["Modern jazz"].bought(_child(family))
    opened = await stage.desk.open(account.id, IN_THREE, [jazz])
    family.contract = opened.body["id"]
    await stage.wire.expect("ScheduleCreated", family.contract, covers=opened.version)

    async def followed() -> bool:
        return (await stage.desk.contract(family.contract)).body["schedule"] is not None

    await eventually(followed, "contracts receives the schedule")
    return family


def _child(family: Family) -> str:
    return family.account.members["Kim"]


async def _kill(stage: Stage, rush: Rush) -> None:
    await rush.halfway.wait()
    old = stage.suite.pid("payments", "worker")
    await asyncio.to_thread(stage.suite.kill, "payments", "worker")
    stage.console.print(f"  [bold red]kill -9 {old}[/]: the payments worker is gone, after {rush.confirmed} changes.")

    async def is_another() -> bool:
        return stage.suite.pid("payments", "worker") != old

    await eventually(is_another, "the payments worker is started again")
    stage.console.print(
        f"  Another one has been started in its place: process {stage.suite.pid('payments', 'worker')}."
    )


async def _mails(stage: Stage, families: list[Family]) -> None:
    """Wait for the mails of all of it: one for each opening and one for each change."""
    wanted = len(families) * (1 + EACH)
    addresses = {family.email for family in families}

    async def all_there() -> bool:
        return sum(mail.recipient in addresses for mail in stage.letterbox.arrived) >= wanted

    await eventually(all_there, f"{wanted} mails arrive")


async def _outcome(stage: Stage, family: Family) -> list[str]:
    answers = stage.wire.of(family.contract, "ScheduleAdjusted")
    changes = stage.wire.of(family.contract, "ContractChanged")
    schedule = (await stage.desk.schedule(family.contract)).body
    total, planned = schedule["balance"]["total"]["amount"], schedule["balance"]["planned"]["amount"]
    mails = [mail for mail in stage.letterbox.arrived if mail.recipient == family.email]
    stage.must("The changes", expected=EACH, found=len(changes))
    stage.must("The changes that payments answered", expected=sorted(event.change for event in changes),
               found=sorted(str(event.body["change"]) for event in answers))  # fmt: skip
    expected = stage.products["Modern jazz"].price + EACH * stage.products["Dance licence"].price
    stage.amount("The total", expected=expected, found=total)
    stage.amount("What is to come", expected=expected, found=planned)
    stage.must("The mails", expected=1 + EACH, found=len(mails))
    cells = [short(family.contract), str(len(changes)), str(len(answers))]
    return [*cells, euros(total), euros(planned), str(len(mails))]
