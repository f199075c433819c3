"""Every way of getting a request wrong that is tried: of its token, its headers, its address, its query, its body."""

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from carnet.http.problems import NOT_HERE_YET
from carnet.ids import new_id
from tests.bad_input.cases import CASES, Right
from tests.bad_input.routes import Json, Route
from tests.bad_input.schemas import along, lacking, wrong_texts, wrong_values
from tests.refused import old_id

HUGE, BEYOND = 10**13, 10**30
LONG = "x" * 5_000

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT.*Z")

IMPOSSIBLE_DATES = ("2027-02-30", "2027-13-01", "31/12/2027", "0000-00-00", "tomorrow", 20_270_101, 1.5, "9999-12-31")
IMPOSSIBLE_INSTANTS = ("2027-02-30T00:00:00Z", "2027-09-01T09:00:00", "tomorrow", 1_800_000_000, "9999-12-31T00:00:00Z")
ZERO_ALLOWED = {"price", "total", "fee"}
"""Fields of money that may be nothing: a free course, a cancellation without a fee."""


@dataclass(frozen=True)
class Wrong:
    """A wrong request, and by which statuses it may be refused; ``slug`` where the problem is known to the letter."""

    name: str
    statuses: frozenset[int]
    slug: str | None = None
    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str | None] = field(default_factory=dict)
    """Headers instead of the right ones; none leaves one out."""
    content: bytes | None = None
    """The body instead of the right one."""
    names: str | None = None
    """The field that the problem must name."""


BODY = frozenset({422})


def wrong_headers(route: Route, right: Right) -> Iterator[Wrong]:
    """Idempotency keys and versions that are missing, malformed or stale."""
    if route.keyed and route.method == "POST":
        yield Wrong("no key", frozenset({400}), "idempotency-key-missing", headers={"Idempotency-Key": None})
        yield Wrong("key too long", frozenset({400}), "idempotency-key-invalid", headers={"Idempotency-Key": "k" * 201})
    if route.matched and right.version is not None:
        yield Wrong("no If-Match", frozenset({428}), "if-match-missing", headers={"If-Match": None})
        for given in ("*", "3", 'W/"3"', '"-1"', '"x"', '"1", "2"', f'"{BEYOND}"'):
            yield Wrong(f"If-Match {given}", frozenset({400}), "if-match-invalid", headers={"If-Match": given})
        for stale in (right.version - 1, right.version + 1):
            if stale >= 0:
                yield Wrong(f"stale {stale}", frozenset({412}), "version-moved", headers={"If-Match": f'"{stale}"'})


def wrong_addresses(route: Route, foreign: dict[str, str]) -> Iterator[Wrong]:
    """Ids that nobody has, that another organisation has, that are none; words that are not among those known."""
    for name, schema in route.parameters("path").items():
        if "pattern" not in schema:
            yield Wrong(f"{name} nonsense", BODY, path={name: "nonsense"})
            continue
        refused, slug = frozenset({404}), f"unknown-{_what(route, name)}"
        if CASES[route.name].behind:
            refused, slug = frozenset({409}), "schedule-behind"
        yield Wrong(f"unknown {name}", refused, slug, path={name: old_id()})
        slug = slug if CASES[route.name].behind else NOT_HERE_YET
        yield Wrong(f"young {name}", refused, slug, path={name: new_id()})
        if name in foreign:  # which is as old as the run
            yield Wrong(f"foreign {name}", refused, None, path={name: foreign[name]})
        for malformed in ("x", "1", new_id().upper(), "'%20or%201=1", "%00", LONG[:300]):
            yield Wrong(f"{name} {malformed[:12]}", frozenset({400, 404, 422}), path={name: malformed})


def _what(route: Route, name: str) -> str:
    called = {"contract": "schedule", "method": "payment-method"}
    return called.get(name, name.replace("_", "-")) if route.service == "payments" else name


def wrong_queries(route: Route) -> Iterator[Wrong]:
    """Limits, cursors and filters that cannot be."""
    for name, schema in route.parameters("query").items():
        values = [value for _, value in wrong_texts(schema)]
        values += ["nonsense", "e30", "W10=", "="] if name == "cursor" else []
        values += ["9999-12-31", ""] if name in ("from", "until") else []
        assert values, f"{route.name} has the query parameter {name}, which is not tried"
        for value in values:
            yield Wrong(f"{name}={value[:12]}", BODY, query={name: value}, names=name)


def wrong_bodies(route: Route, right: Right, foreign: dict[str, str]) -> Iterator[Wrong]:
    """Bodies that are no JSON, lack what they must have, have what nobody knows, or hold values that cannot be."""
    if right.body is None:
        return
    yield from _not_json()
    yield from _against_the_schema(route.body or {}, right.body)
    for where, value in _parts(right.body):
        taken = next((key for key in reversed(where) if isinstance(key, str)), "") in CASES[route.name].taken
        for what, instead in _instead(where, value, foreign):
            if taken and what in ("unknown", "foreign"):
                continue
            spoilt = _with(right.body, where, instead)
            statuses = _refusals_of(where, what, instead)
            yield Wrong(f"{_path(where)}: {what}", statuses, content=_json(spoilt))


def _against_the_schema(schema: Json, body: Json) -> Iterator[Wrong]:
    """What the documented schema excludes, at every depth: the problem names the field."""
    for where, name in lacking(schema, body):
        inner = _at(body, where)
        less = _with(body, where, {key: value for key, value in inner.items() if key != name})
        yield Wrong(f"{_path((*where, name))}: missing", BODY, content=_json(less), names=name)
    for where, part in along(schema, body):
        for what, instead in wrong_values(part) if where else ():
            named = next(str(key) for key in reversed(where) if isinstance(key, str))
            spoilt = _with(body, where, instead)
            yield Wrong(f"{_path(where)}: {what}", BODY, content=_json(spoilt), names=named)


def _at(body: Any, where: tuple[str | int, ...]) -> Any:
    for key in where:
        body = body[key]
    return body


def _refusals_of(where: tuple[str | int, ...], what: str, instead: Any) -> frozenset[int]:
    if isinstance(instead, str) and _UUID.fullmatch(instead):
        return frozenset({404, 409, 422})
    if what == "half a character":
        return frozenset({400})  # no JSON says that
    if what == "a thousand":
        return frozenset({413, 422})  # a long list may be too long for a body already
    return frozenset({409, 422}) if where[-1:] == ("currency",) else BODY


def _not_json() -> Iterator[Wrong]:
    refused = frozenset({400, 422})
    for name, content in (
        ("nothing", b""),
        ("cut off", b'{"name": "x'),
        ("a list", b"[]"),
        ("a text", b'"x"'),
        ("null", b"null"),
        ("no UTF-8", b'{"name": "\xff\xfe"}'),
        ("no number", b'{"amount": NaN}'),
        ("deep", b'{"a":' * 5_000 + b"1" + b"}" * 5_000),
        ("form", b"name=x&amount=3"),
    ):
        yield Wrong(f"body: {name}", refused, content=content)
    yield Wrong("body: too large", frozenset({413}), content=b'{"name": "' + b"x" * 2_000_000 + b'"}')


def _parts(value: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every part of a body with its place, the whole first."""
    yield where, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from _parts(part, (*where, key))


def _instead(where: tuple[str | int, ...], value: Any, foreign: dict[str, str]) -> Iterator[tuple[str, Any]]:
    name = str(where[-1]) if where else ""
    if isinstance(value, dict):
        yield "an unknown field", {**value, "surprise": 1}
        yield "a list", [value]
        yield "a text", "x"
    elif isinstance(value, list):
        yield "an object", {"0": value}
        if value:
            yield "a thousand", [*value, *value] * 500
    elif isinstance(value, bool):
        yield from (("a text", "yes"), ("a number", 1))
    elif isinstance(value, int):
        if value >= 0:  # where the right one is below zero, its sign is free
            yield "negative", -1
        yield "beyond", BEYOND
        if not name.endswith("version"):  # a version has no largest value: what it names just has not come yet
            yield "enormous", HUGE
        yield from (("a fraction", value + 0.5), ("a float", float(value)), ("a text", str(value)), ("a truth", True))
        if name in ("amount", "count", "deposit") and not ZERO_ALLOWED & set(where):
            yield "zero", 0
    elif isinstance(value, str):
        yield from _instead_of_text(name, value, foreign)


def _instead_of_text(name: str, value: str, foreign: dict[str, str]) -> Iterator[tuple[str, Any]]:
    yield from (("a number", 12), ("a truth", True), ("a list", [value]), ("an object", {"text": value}))
    if _UUID.fullmatch(value):
        yield from (("no id", "x"), ("upper case", value.upper()), ("unknown", new_id()))
        if name in foreign:
            yield "foreign", foreign[name]
    elif _INSTANT.fullmatch(value):
        yield from ((f"{instant}", instant) for instant in IMPOSSIBLE_INSTANTS)
    elif _DATE.fullmatch(value):
        yield from ((f"{day}", day) for day in IMPOSSIBLE_DATES)
    elif name == "currency":
        yield from (("another", "USD"), ("small", "eur"), ("none", ""))
    else:
        yield "endless", LONG * 40 if name == "body" else LONG
        yield "half a character", "a\ud800b"
        if name not in ("subject", "body"):  # the words of mails: what no mail can hold is left out at sending
            yield "control characters", "a\x00b"


def _with(body: Json, where: tuple[str | int, ...], instead: Any) -> Any:
    if not where:
        return instead
    spoilt: Any = copy.deepcopy(body)
    place = spoilt
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = instead
    return spoilt


def _json(value: Any) -> bytes:
    # Not orjson: it writes no integer beyond 64 bits, which is one of the wrongs.
    return json.dumps(value).encode()


def _path(where: tuple[str | int, ...]) -> str:
    return ".".join(str(key) for key in where) or "body"
