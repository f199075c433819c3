"""Shared by the chapters: the desk, the published events, the mails that arrive, the cast, and the display."""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.rule import Rule

from carnet.ids import new_id
from carnet_play.story.bank import Bank, BankFile
from carnet_play.story.book import Book
from carnet_play.story.desk import TIME_ZONE, Account, Answer, Desk, Json, Product, RefusedError
from carnet_play.story.faults import StoryError
from carnet_play.story.letterbox import Letterbox
from carnet_play.story.showing import attempts_table, euros, lines_table, schedule_table
from carnet_play.story.waiting import eventually
from carnet_play.story.wire import Arrived, Wire
from carnet_suite.supervisor import Suite

SCHOOL, FAMILIES = DOMAINS = ("pas-de-deux.example", "families.example")
SUPPORT = f"aide@{SCHOOL}"
MORNING, EVENING = 9, 18
"""Hours of the school's day. It collects from the evening on, so a family that enrols has the day to give a card."""
_HEADING = 100
"""Characters of the rule behind a heading, at most: the tables below it are no wider."""


@dataclass
class Family:
    """A family of the story, with its contract once it has one."""

    name: str
    account: Account
    email: str
    contract: str = ""

    @property
    def names(self) -> dict[str, str]:
        """First names by id."""
        return {id_: name for name, id_ in self.account.members.items()}


@dataclass
class Stage:
    """Where the story plays."""

    suite: Suite
    console: Console
    desk: Desk
    wire: Wire
    letterbox: Letterbox
    book: Book
    bank: Bank
    organisation: str
    today: date = date.min
    """The organisation's, by its test clock."""
    first_day: date = date.min
    """That of the story."""
    products: dict[str, Product] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    amounts_checked: int = 0

    def heading(self, title: str) -> None:
        """Begin a chapter."""
        self.console.print()
        self.console.print(Rule(f"[bold]{title}[/]", align="left"), width=min(self.console.width, _HEADING))

    def say(self, text: str) -> None:
        """Say what happens next."""
        self.console.print(f"[bold yellow]▸[/] {text}", highlight=False)

    def must(self, what: str, *, expected: Any, found: Any) -> None:
        """Stop the story unless both are equal."""
        self.amounts_checked += 1
        if expected != found:
            raise StoryError(f"{what} was to be {expected} and is {found}.")

    def amount(self, what: str, *, expected: int, found: int) -> None:
        """Stop the story unless both amounts, in minor units, are equal."""
        self.must(what, expected=euros(expected), found=euros(found))

    async def clock(self, day: date, hour: int) -> None:
        """Move the school's clock to an hour of its day; return once every service knows it (ORG-5)."""
        instant = datetime.combine(day, time(hour), ZoneInfo(TIME_ZONE)).astimezone(UTC)
        known = await self.desk.organisation()
        moved = await self.desk.move_clock(instant.strftime("%Y-%m-%dT%H:%M:%SZ"), known.version or 0)
        self.must("The school's date", expected=day.isoformat(), found=moved.body["today"])
        self.today = day
        self.first_day = day if self.first_day == date.min else self.first_day
        found = await self.wire.until(
            lambda event: event.name == "OrganisationChanged" and event.sequence == moved.version,
            "the school's clock",
        )
        await self.wire.read_by_all(found)

    def of_client(self, family: Family) -> Desk:
        """What the owner of an account does herself, with a token of her own (ORG-2)."""
        scopes = ("payments:read", "payments:methods")
        account = family.account
        return self.desk.with_token(
            self.suite.token(self.organisation, scopes, subject=account.owner, kind="client", account=account.id)
        )

    def of_support(self) -> Desk:
        """What support does, which alone settles the refund line of an online contract (ORG-3)."""
        scopes = ("payments:read", "payments:correct")
        return self.desk.with_token(self.suite.token(self.organisation, scopes, subject=new_id(), kind="support"))

    async def collected(self, family: Family, amount: int, *, due: date, number: int = 1) -> Arrived:
        """Wait until an instalment was collected by that attempt of it; the event about it (PAY-6)."""
        started = await self.wire.expect("CollectionStarted", family.contract, due=due.isoformat(), number=number)
        self.amount("What is at the provider", expected=amount, found=started.body["balance"]["processing"])
        paid = await self.wire.expect("PaymentCollected", family.contract, attempt=started.body["attempt"])
        self.amount("What is collected", expected=amount, found=paid.body["amount"])
        return paid

    async def attempts(self, family: Family) -> list[Json]:
        """Show the orders to the provider for a family's contract, and their outcomes."""
        attempts = await self.desk.attempts(family.contract)
        self.console.print(attempts_table("the attempts, as staff reads them", attempts))
        return attempts

    async def bank_says(self, file: BankFile, outcomes: dict[str, int]) -> None:
        """Give a file of the bank to Carnet; what its lines come to must be this (PAY-18)."""
        body = {"name": file.name, "content": b64encode(file.content).decode()}
        path = f"/payments/v1/bank-files/{(await self.desk.send('/payments/v1/bank-files', body)).body['id']}"

        async def applied() -> bool:
            return bool((await self.desk.read(path)).body["status"] == "done")

        await eventually(applied, f"the lines of {file.name} are applied")
        found = (await self.desk.read(path)).body["outcomes"]
        self.must(f"What the lines of {file.name} come to", expected=outcomes, found=found)

    async def mails_published(self) -> None:
        """Wait until each mail that arrived is published too, so that no line comes late in the next chapter."""

        async def published() -> bool:
            sent = sum(event.name == "EmailSent" for event in self.wire.received.values())
            return sent >= len(self.letterbox.arrived)

        await eventually(published, "EmailSent is published for each mail that arrived")

    def refusal(self, refused: RefusedError) -> None:
        """Show a refusal: its status, its rule and what it says to do."""
        rule = refused.problem.get("rule", "")
        line = (
            f"  [red]refused[/] {refused.status} [bold]{refused.slug}[/] [dim]({rule})[/] {refused.problem['detail']}"
        )
        self.console.print(line, highlight=False)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Let events and mails arrive without a line for each."""
        self.wire.silent = self.letterbox.silent = True
        try:
            yield
        finally:
            self.wire.silent = self.letterbox.silent = False

    def instalments(self, what: str, schedule: Json, *expected: tuple[date, int]) -> None:
        """Stop the story unless these dates and minor units are to come, and nothing else."""
        found = [f"{each['due']} {euros(each['amount']['amount'])}" for each in schedule["instalments"]]
        self.must(what, expected=[f"{due} {euros(amount)}" for due, amount in expected], found=found)

    async def preview(self, family: Family, change: Json) -> Json:
        """Preview a change and show what it would do (CON-3)."""
        preview = await self.desk.preview(family.contract, change)
        lines = preview["lines"]
        self.console.print(lines_table("preview: the lines", lines["before"], lines["after"], family.names))
        schedule = preview["schedule"]
        self.console.print(schedule_table("preview: the schedule", schedule["before"], schedule["after"]))
        return preview

    async def confirm(self, family: Family, change: Json, preview: Json) -> Answer:
        """Confirm what was previewed; contract and schedule must become what the preview showed (CON-3)."""
        done = await self.desk.confirm(family.contract, change, preview["versions"])
        await self.wire.expect("ScheduleAdjusted", family.contract, covers=done.version)
        schedule = (await self.desk.schedule(family.contract)).body
        after = preview["schedule"]["after"]
        total = preview["total"]["after"]["amount"]
        self.amount("The total once confirmed", expected=total, found=done.body["total"]["amount"])
        self.must("The balance once confirmed", expected=after["balance"], found=schedule["balance"])
        self.must("The instalments once confirmed", expected=_planned(after), found=_planned(schedule))
        return done

    async def change(self, family: Family, change: Json) -> Json:
        """Preview and confirm a change; the schedule after it."""
        await self.confirm(family, change, await self.preview(family, change))
        return (await self.desk.schedule(family.contract)).body


def _planned(schedule: Json) -> list[tuple[str, int]]:
    return [(each["due"], each["amount"]["amount"]) for each in schedule["instalments"]]
