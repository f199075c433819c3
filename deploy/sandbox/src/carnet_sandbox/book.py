"""The book: a SQLite file of everything that the sandbox did, was asked, and has still to do or to report.

All of a request is one transaction, committed before it is answered: a kill at any instant leaves what was
answered, and nothing half done. (Of a machine that loses its power, the last moments may be lost.)
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self

from carnet_sandbox.plays import Status

Kind = Literal["charge", "refund", "reversal"]

_TABLES = """
CREATE TABLE IF NOT EXISTS merchants (
    merchant TEXT PRIMARY KEY, clock_ahead INTEGER NOT NULL DEFAULT 0, webhook_url TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS asks (
    kind TEXT, key TEXT, body TEXT NOT NULL, times INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (kind, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, key TEXT NOT NULL, merchant TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL, status TEXT NOT NULL, code TEXT, reference TEXT NOT NULL UNIQUE,
    charge TEXT, token TEXT NOT NULL, UNIQUE (kind, key)
);
CREATE INDEX IF NOT EXISTS entries_of_token ON entries (merchant, token);
CREATE INDEX IF NOT EXISTS entries_of_charge ON entries (charge) WHERE charge IS NOT NULL;
CREATE TABLE IF NOT EXISTS plans (
    id INTEGER PRIMARY KEY AUTOINCREMENT, merchant TEXT NOT NULL, at REAL NOT NULL, reference TEXT NOT NULL,
    what TEXT NOT NULL, status TEXT, code TEXT, reported_after INTEGER, held INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS plans_by_time ON plans (merchant, at, id);
CREATE TABLE IF NOT EXISTS webhooks (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, merchant TEXT NOT NULL, body TEXT NOT NULL, due REAL NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, answer TEXT, delivered INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS webhooks_due ON webhooks (due) WHERE delivered = 0;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A charge, a refund or a reversal in its present state. Amounts are in minor units.

    ``key`` is the idempotency key, of a reversal that of its charge; ``charge`` the reference of the
    charge that a refund or a reversal takes from.
    """

    seq: int
    kind: Kind
    key: str
    merchant: str
    amount: int
    currency: str
    status: Status
    code: str | None
    reference: str
    charge: str | None
    token: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Something that happens, unasked, at an instant of its merchant's clock, in seconds since 1970."""

    id: int
    merchant: str
    at: float
    reference: str
    what: Literal["end", "tell", "returned_debit", "chargeback"]
    status: Status | None
    code: str | None
    reported_after: int | None
    held: int


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook to deliver. ``due`` is the instant of the next try, in seconds since 1970."""

    seq: int
    merchant: str
    url: str | None
    body: str
    due: float
    tries: int
    answer: str | None
    delivered: bool


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant of the sandbox: how far the clock is ahead, in seconds, and where its webhooks go."""

    merchant: str
    clock_ahead: int
    webhook_url: str | None


_ENTRY = ", ".join(Entry.__slots__)
_PLAN = ", ".join(Plan.__slots__)
_WEBHOOK = "seq, merchant, webhook_url, body, due, tries, answer, delivered"


class KeyReusedError(Exception):
    """The same idempotency key with another body."""


class Book:
    """The open file, for one process: another one that opens it is refused by SQLite."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None, timeout=5)
        self._db.executescript(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        )
        with self.transaction():
            for statement in _TABLES.split(";"):
                self._db.execute(statement)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """The whole block is kept, or nothing of it."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # Orders

    def asked(self, kind: Kind, key: str, body: str) -> int:
        """Count an ask of an order; how many there were with this one.

        Raises ``KeyReusedError`` where the key was asked with another body.
        """
        self._db.execute("INSERT OR IGNORE INTO asks (kind, key, body) VALUES (?, ?, ?)", (kind, key, body))
        row = self._db.execute(
            "UPDATE asks SET times = times + 1 WHERE kind = ? AND key = ? RETURNING times, body", (kind, key)
        ).fetchone()
        if row[1] != body:
            raise KeyReusedError(key)
        return int(row[0])

    def add(self, **values: Any) -> Entry:
        """Enter what was done."""
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        row = self._db.execute(
            f"INSERT INTO entries ({columns}) VALUES ({marks}) RETURNING {_ENTRY}",  # noqa: S608 # our own words
            tuple(values.values()),
        ).fetchone()
        return Entry(*row)

    def end(self, reference: str, status: Status, code: str | None) -> None:
        """Enter what an order has become."""
        self._db.execute("UPDATE entries SET status = ?, code = ? WHERE reference = ?", (status, code, reference))

    def order(self, kind: Kind, key: str) -> Entry | None:
        """The order of that key; None if it was not done."""
        return self._entry("kind = ? AND key = ?", kind, key)

    def referred(self, reference: str) -> Entry | None:
        """The entry with that reference."""
        return self._entry("reference = ?", reference)

    def _entry(self, where: str, *values: str) -> Entry | None:
        row = self._db.execute(f"SELECT {_ENTRY} FROM entries WHERE {where}", values).fetchone()  # noqa: S608 # likewise
        return Entry(*row) if row else None

    def orders_of(self, merchant: str, token: str) -> int:
        """How many orders a token has had."""
        counted = "SELECT count(*) FROM entries WHERE merchant = ? AND token = ? AND kind = 'charge'"
        return int(self._db.execute(counted, (merchant, token)).fetchone()[0])

    def left_of(self, charge: Entry) -> int:
        """The part of a charge that was neither given back nor taken back."""
        taken = "SELECT coalesce(sum(amount), 0) FROM entries WHERE charge = ? AND status != 'failed'"
        return charge.amount - int(self._db.execute(taken, (charge.reference,)).fetchone()[0])

    def entries(self, after: int, limit: int) -> list[Entry]:
        """The book after an entry, oldest first."""
        query = f"SELECT {_ENTRY} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?"  # noqa: S608 # likewise
        return [Entry(*row) for row in self._db.execute(query, (after, limit))]

    # Merchants

    def met(self, merchant: str) -> Merchant:
        """A merchant; one that was never described keeps the real time."""
        self._db.execute("INSERT OR IGNORE INTO merchants (merchant) VALUES (?)", (merchant,))
        return Merchant(*self._db.execute("SELECT * FROM merchants WHERE merchant = ?", (merchant,)).fetchone())

    def describe(self, merchant: Merchant, now: float) -> None:
        """Keep the clock and the address of a merchant; what was not delivered to it is tried again from ``now``."""
        self._db.execute(
            "INSERT INTO merchants VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
            "clock_ahead = excluded.clock_ahead, webhook_url = excluded.webhook_url",
            (merchant.merchant, merchant.clock_ahead, merchant.webhook_url),
        )
        self._db.execute(
            "UPDATE webhooks SET due = ? WHERE merchant = ? AND delivered = 0 AND tries > 0 AND due > ?",
            (now, merchant.merchant, now),
        )

    def merchants(self) -> list[Merchant]:
        """All of them."""
        return [Merchant(*row) for row in self._db.execute("SELECT * FROM merchants")]

    # What is to come

    def plan(self, **values: Any) -> None:
        """Keep what is to happen."""
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        self._db.execute(f"INSERT INTO plans ({columns}) VALUES ({marks})", tuple(values.values()))  # noqa: S608 # likewise

    def due_plans(self, merchant: str, until: float, limit: int) -> list[Plan]:
        """What is to happen to a merchant up to an instant of its clock, in order."""
        query = f"SELECT {_PLAN} FROM plans WHERE merchant = ? AND at <= ? ORDER BY at, id LIMIT ?"  # noqa: S608 # likewise
        return [Plan(*row) for row in self._db.execute(query, (merchant, until, limit))]

    def happened(self, plan: Plan) -> None:
        """A plan is over."""
        self._db.execute("DELETE FROM plans WHERE id = ?", (plan.id,))

    # Webhooks

    def post(self, merchant: str, body: str, due: float) -> None:
        """Keep a webhook to deliver."""
        self._db.execute("INSERT INTO webhooks (merchant, body, due) VALUES (?, ?, ?)", (merchant, body, due))

    def due_webhooks(self, now: float, limit: int) -> list[Webhook]:
        """The webhooks to deliver now, of merchants that said where."""
        query = (
            f"SELECT {_WEBHOOK} FROM webhooks JOIN merchants USING (merchant) "  # noqa: S608 # likewise
            "WHERE delivered = 0 AND due <= ? AND webhook_url IS NOT NULL ORDER BY due, seq LIMIT ?"
        )
        return [_webhook(row) for row in self._db.execute(query, (now, limit))]

    def tried(self, webhook: Webhook, answer: str, *, again: float | None) -> None:
        """A webhook was tried: it is delivered, or tried ``again`` from that instant."""
        self._db.execute(
            "UPDATE webhooks SET tries = tries + 1, answer = ?, delivered = ?, due = coalesce(?, due) WHERE seq = ?",
            (answer, again is None, again, webhook.seq),
        )

    def webhooks(self, after: int, limit: int) -> list[Webhook]:
        """All webhooks after one of them, oldest first."""
        query = (
            f"SELECT {_WEBHOOK} FROM webhooks JOIN merchants USING (merchant) "  # noqa: S608 # likewise
            "WHERE seq > ? ORDER BY seq LIMIT ?"
        )
        return [_webhook(row) for row in self._db.execute(query, (after, limit))]


def _webhook(row: tuple[Any, ...]) -> Webhook:
    return replace(Webhook(*row), delivered=bool(row[-1]))
