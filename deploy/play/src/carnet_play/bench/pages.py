"""What the pages of the back office cost beyond the APIs that they ask, on a school whose lists are full.

The application itself runs in this process, on the APIs of a whole suite; what it asks of them is noted on the way.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from operator import attrgetter

import httpx
from fastapi import FastAPI
from starlette.routing import Route

from backoffice.app import build_app
from backoffice.config import BackofficeSettings
from backoffice.web.sessions import Session
from carnet_operations.tokens import TEST_ORGANISATION
from carnet_play.bench.report import Reading
from carnet_play.bench.stage import Stage
from carnet_play.story.desk import Desk, Person
from carnet_suite.supervisor import Suite, suite

FAMILIES = 60
"""So many that the longest list, of fifty rows, has a next page."""

LOOKS, WARM = 20, 3
"""How often each page is looked at, and how often before that counts."""

MOST_MS, MOST_ROUNDS, LARGEST = 50, 2, 60_000
"""The goals: milliseconds beyond the APIs, rounds of parallel calls, and bytes with style and script, as sent."""

AT_ONCE = 8
ADDRESS = "http://backoffice.bench"
SEARCHES = ("/search?q=Martin", "/follow-up?search=Martin", "/accounts?q=Martin")
"""Pages that show more when something is searched."""

_PART = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_NO_PAGE = re.compile(r"/(sign-in|health|metrics)|\.(csv|xlsx|pdf|zip)$|/(pdf|file|sample|shown)$")


@dataclass
class Calls(httpx.AsyncBaseTransport):
    """The way to the APIs: when each call went out, when it was answered, and after how many others in a row."""

    way: httpx.AsyncBaseTransport = field(default_factory=httpx.AsyncHTTPTransport)
    made: list[tuple[float, float, int]] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on; it is answered when its body is there."""
        began = time.perf_counter()
        round_ = 1 + max((round_ for _, ended, round_ in self.made if ended <= began), default=0)
        response = await self.way.handle_async_request(request)
        await response.aread()
        self.made.append((began, time.perf_counter(), round_))
        return response

    def seconds(self) -> float:
        """The time in which at least one of them was under way."""
        total, until = 0.0, 0.0
        for began, ended, _ in sorted(self.made):
            total += max(0.0, ended - max(began, until))
            until = max(until, ended)
        return total

    def rounds(self) -> int:
        """The longest chain of calls of which each began after the one before was answered."""
        return max((round_ for _, _, round_ in self.made), default=0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a page cost: its own milliseconds in each look, shortest first, its rounds at most, and its bytes.

    Attributes:
        processor: The milliseconds of processor time of a look, on average.
        weight: With its style, its script and its icon, as they are sent: compressed.
        written: The same before it was compressed.
    """

    page: str
    own: Sequence[float]
    processor: float
    rounds: int
    weight: int
    written: int

    @property
    def usual(self) -> float:
        """The median."""
        return self.own[len(self.own) // 2]

    @property
    def high(self) -> float:
        """The 95th percentile."""
        return self.own[int(len(self.own) * 0.95)]


async def measure(stage: Stage, families: int = FAMILIES, looks: int = LOOKS) -> tuple[Reading, ...]:
    """Look at every page that such a school has."""
    with suite(stage.folder / "pages", servers=stage.servers, namespace=stage.namespace) as running:
        async with httpx.AsyncClient(base_url=running.front, timeout=60) as client:
            names = await _school(Desk(client, running.token(TEST_ORGANISATION)), families)
        calls = Calls()
        async with _browser(running, calls) as (app, browser):
            found = [await _cost(browser, calls, address, looks) for address in _addresses(app, names)]
    return _readings([cost for cost in found if cost is not None])


async def _school(desk: Desk, families: int) -> Mapping[str, str]:
    """A school with so many families, a contract of two purchases each; the names that addresses are made with."""
    await desk.set_up("École Pas de Deux", "support@carnet.example")
    ballet = await desk.sell("Danse classique", {"kind": "course", "capacity": 400}, 30_000, participant=True)
    shoes = await desk.sell("Chaussons", {"kind": "item"}, 3_500)
    turn = asyncio.Semaphore(AT_ONCE)

    async def family(number: int) -> Mapping[str, str]:
        async with turn:
            account = await desk.account(Person("Inès", f"Martin {number}", "adult"), Person("Léa", "Martin"))
            bought = [ballet.bought(account.members["Léa"]), shoes.bought()]
            opened = await desk.open(account.id, {"start": "instalments", "count": 10}, bought)
            contract = opened.body["id"]
            await desk.covered(contract, opened.version or 0)
            await desk.pay(contract, 10_000)
        return {"account": account.id, "contract": contract, "product": ballet.id}

    return (await asyncio.gather(*(family(number) for number in range(families))))[0]


@asynccontextmanager
async def _browser(running: Suite, calls: Calls) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """The application on the suite's APIs, and a browser in which the director is signed in."""
    settings = BackofficeSettings(
        front_url=running.front,
        backoffice_url=ADDRESS,
        session_keys="a key that only this measurement has",
        sign_in_url=ADDRESS,
    )
    app = build_app(settings, apis=calls)
    token = running.token(TEST_ORGANISATION)
    session = Session(token, None, None, "Director", time.time() + 12 * 3600, "a secret of forms")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ADDRESS) as browser:
        for header in app.state.shared.session.write(session.values, {}):
            name, _, value = header.partition(";")[0].partition("=")
            browser.cookies.set(name, value, domain="backoffice.bench")
        yield app, browser
    await app.state.shared.apis.close()


def _addresses(app: FastAPI, names: Mapping[str, str]) -> list[str]:
    """The addresses of all pages that can be named with these names."""
    found = [*SEARCHES]
    for route in app.routes:
        if isinstance(route, Route) and "GET" in (route.methods or ()) and not _NO_PAGE.search(route.path):
            wanted = set(re.findall(r"\{(\w+)\}", route.path))
            found += [route.path.format_map(names)] if wanted <= set(names) else []
    return found


async def _cost(browser: httpx.AsyncClient, calls: Calls, address: str, looks: int) -> Cost | None:
    """What a page costs; None if this school has nothing to show there."""
    own: list[float] = []
    rounds, processor = 0, 0.0
    for turn in range(-WARM, looks):
        calls.made.clear()
        began, spent = time.perf_counter(), time.process_time()
        answer = await browser.get(address)
        taken = time.perf_counter() - began - calls.seconds()
        if answer.status_code != httpx.codes.OK:
            return None
        if turn >= 0:
            own.append(taken * 1000)
            processor += (time.process_time() - spent) * 1000 / looks
            rounds = max(rounds, calls.rounds())
    parts = [answer, *[await browser.get(part) for part in _PART.findall(answer.text)]]
    sent, written = sum(part.num_bytes_downloaded for part in parts), sum(len(part.content) for part in parts)
    return Cost(address.partition("?")[0], sorted(own), processor, rounds, sent, written)


def _readings(costs: Sequence[Cost]) -> tuple[Reading, ...]:
    slowest = max(costs, key=attrgetter("usual"))
    heaviest = max(costs, key=attrgetter("weight"))
    longest = max(costs, key=attrgetter("rounds"))
    middle = sorted(costs, key=attrgetter("usual"))[len(costs) // 2]
    of = f"of {len(costs)} pages of the back office"
    return (
        Reading(
            name="What the server takes for a page beyond the APIs",
            read=f"{of} the usual one {_times(middle)}; the slowest (`{_named(slowest)}`) {_times(slowest)}",
            goal=f"p50 of each < {MOST_MS} ms",
            reached=slowest.usual < MOST_MS,
        ),
        Reading(
            name="Rounds of parallel calls for a page",
            read=f"{of} at most {longest.rounds}",
            goal=f"at most {MOST_ROUNDS}",
            reached=longest.rounds <= MOST_ROUNDS,
        ),
        Reading(
            name="Weight of a page with its style and its script, as it is sent",
            read=f"{of} the heaviest (`{_named(heaviest)}`) {heaviest.weight / 1000:.1f} KB "
            f"({heaviest.written / 1000:.1f} KB before it is compressed)",
            goal=f"< {LARGEST // 1000} KB",
            reached=heaviest.weight < LARGEST,
        ),
    )


def _times(cost: Cost) -> str:
    return f"p50 {cost.usual:.0f} ms, p95 {cost.high:.0f} ms, {cost.processor:.0f} ms of processor time"


def _named(cost: Cost) -> str:
    """Its address without ids."""
    return re.sub(r"/[0-9a-f]{8}-[0-9a-f-]{27}", "/…", cost.page)
