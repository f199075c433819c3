"""What the page of the day asks, and the chart of planned and received money."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date

from backoffice.apis import Away, Json
from backoffice.languages import N_, Language
from backoffice.web import Visit
from backoffice.web.visits import gathered

MOST = 50
"""How many mails and contracts are counted; more are shown as 50+."""

WIDTH, HEIGHT = 760, 250
LEFT, RIGHT, TOP, BOTTOM = 76, 8, 12, 28
_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits: its colour, its words, how many, how much (None if it is no money), and where it is."""

    colour: str
    label: str
    count: int
    amount: Json | None
    path: str | None
    """Where it is; None if there is no page of it."""
    more: bool = False
    """Whether there are more than were counted."""


async def read(visit: Visit) -> tuple[Json | Away | None, ...]:
    """The figures, then what ``tasks`` counts; None if not for this role.

    That is the contracts that wait for another service, those whose client asks for a cancellation, and the mails that
    failed.
    """
    wanted: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("payments:read", "/payments/v1/figures", {}),
        ("contracts:read", "/contracts/v1/contracts", {"pending": "true", "limit": MOST}),
        ("contracts:read", "/contracts/v1/contracts", {"asked_to_cancel": "true", "limit": MOST}),
        ("notifications:read", "/notifications/v1/mails", {"status": "failed", "limit": MOST}),
    )
    asked = [each for each in wanted if visit.may(each[0])]
    answers = iter(await gathered(*(visit.api.get(path, **query) for _, path, query in asked)))
    return tuple(next(answers) if visit.may(scope) else None for scope, _, _ in wanted)


def tasks(visit: Visit, figures: Any, pending: Any, asked: Any, mails: Any) -> list[Task]:
    """What waits for somebody, the most urgent first; nothing of which there is none."""
    found: list[Task] = []
    if isinstance(figures, dict):
        for name, colour, label, path in _MONEY:
            figure = figures[name]
            address = path.format(today=figures["today"])
            found.append(Task(colour, label, figure["count"], figure["amount"], address))
    for answer, label, path in (
        (asked, N_("Cancellations that clients ask for"), "/contracts?asked_to_cancel=true"),
        (pending, N_("Changes that wait for an answer"), "/contracts?pending=true"),
        (mails, N_("Mails that could not be sent"), "/mails?status=failed"),
    ):
        if isinstance(answer, dict):
            count, more = len(answer["items"]), answer["next"] is not None
            there = visit.serves(path.partition("?")[0])
            found.append(Task("wait", label, count, None, path if there else None, more))
    return [task for task in found if task.count]


_MONEY = (
    ("late", "late", N_("Late"), "/follow-up?status=late&sort=late_since"),
    ("failed", "late", N_("Not collected"), "/follow-up?status=late&sort=late_since"),
    ("lost", "late", N_("Taken back by the bank"), "/follow-up?status=lost"),
    ("awaiting_correction", "wait", N_("Refunds awaiting correction"), "/refunds"),
    ("to_refund", "wait", N_("To refund on site"), "/refunds?mode=on_site"),
    ("cheques_to_deposit", "wait", N_("Cheques to deposit"), "/cheques?until={today}"),
    ("to_remit", "wait", N_("Instalments that wait for a remittance"), "/debits/new"),
    ("awaiting_credits", "calm", N_("Credits being used"), "/follow-up?status=in_attempt"),
)


# The chart


@dataclass(frozen=True, slots=True)
class Bar:
    """A month of the chart: its place, its words, and its two parts from the foot up."""

    x: float
    width: float
    label: str
    name: str
    received: Json
    planned: Json
    received_y: float
    received_height: float
    planned_y: float
    planned_height: float
    current: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line across the chart, at an amount."""

    y: float
    amount: Json


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of all months and the lines behind them; ``empty`` if nothing is planned or received."""

    bars: Sequence[Bar]
    lines: Sequence[Line]
    empty: bool
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    foot: int = HEIGHT - BOTTOM


def received_now(figures: Json) -> Json:
    """What was received this month."""
    (found,) = (each["received"] for each in figures["months"] if each["month"] == figures["today"][:7])
    received: Json = found
    return received


def chart(figures: Json, language: Language) -> Chart:
    """The chart of planned and received money by month."""
    months = figures["months"]
    currency = months[0]["planned"]["currency"]
    sums = [each["planned"]["amount"] + max(each["received"]["amount"], 0) for each in months]
    step = _step(max(sums))
    top = step * max(-(-max(sums) // step), 1)
    space = (WIDTH - LEFT - RIGHT) / len(months)
    inner = HEIGHT - TOP - BOTTOM

    def tall(amount: int) -> float:
        return float(round(inner * max(amount, 0) / top, 1))

    bars = []
    for place, each in enumerate(months):
        first = date.fromisoformat(f"{each['month']}-01")
        received, planned = tall(each["received"]["amount"]), tall(each["planned"]["amount"])
        bars.append(
            Bar(
                x=round(LEFT + place * space + space * 0.18, 1),
                width=round(space * 0.64, 1),
                label=str(format_date(first, "MMM", locale=language.locale)),
                name=str(format_date(first, "MMMM y", locale=language.locale)),
                received=each["received"],
                planned=each["planned"],
                received_y=round(HEIGHT - BOTTOM - received, 1),
                received_height=received,
                planned_y=round(HEIGHT - BOTTOM - received - planned, 1),
                planned_height=planned,
                current=each["month"] == figures["today"][:7],
            )
        )
    lines = [
        Line(round(HEIGHT - BOTTOM - inner * amount / top, 1), {"amount": amount, "currency": currency})
        for amount in range(0, top + 1, step)
    ]
    return Chart(bars, lines, empty=not any(sums))


def _step(most: int) -> int:
    """A round amount, so that about four lines reach up to ``most``."""
    power = 100
    while True:
        for step in _STEPS:
            if step * power * 4 >= most:
                return step * power
        power *= 10
