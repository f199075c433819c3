"""Rows put aside on the disk, by families: what files of any size are put together from, some families at a time."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import orjson


class Aside:
    """Rows by the family that they belong to, in a database of its own that goes with it.

    Families are in the order in which they were first named, rows of one family in the order of their putting aside.
    """

    def __init__(self) -> None:
        # A page reads files in one thread and sends what they say from another, one after the other.
        self._kept = sqlite3.connect("", check_same_thread=False)
        self._kept.execute("CREATE TABLE families (at INTEGER PRIMARY KEY, key TEXT UNIQUE)")
        self._kept.execute("CREATE TABLE contracts (key TEXT PRIMARY KEY, family INTEGER) WITHOUT ROWID")
        self._kept.execute("CREATE TABLE rows (family INTEGER, number INTEGER, content BLOB)")
        self._count = 0

    def __len__(self) -> int:
        """How many families there are."""
        return int(self._kept.execute("SELECT count(*) FROM families").fetchone()[0])

    def family(self, key: str, *, new: bool = False) -> int | None:
        """The status of a family; None if nothing named it yet, unless it is ``new`` then."""
        found = self._kept.execute("SELECT at FROM families WHERE key = ?", (key,)).fetchone()
        if found is None and new:
            return self._kept.execute("INSERT INTO families (key) VALUES (?)", (key,)).lastrowid
        return found[0] if found else None

    def contract(self, key: str) -> int | None:
        """The family of a contract; None if there is no such."""
        found = self._kept.execute("SELECT family FROM contracts WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def add_contract(self, key: str, family: int) -> None:
        """Keep the family that a contract belongs to."""
        self._kept.execute("INSERT INTO contracts VALUES (?, ?)", (key, family))

    def put(self, family: int, content: Any) -> None:
        """Put a row of a family aside: anything that JSON can say."""
        self._count += 1
        self._kept.execute("INSERT INTO rows VALUES (?, ?, ?)", (family, self._count, orjson.dumps(content)))

    def portions(self, size: int) -> Iterator[list[Any]]:
        """The rows of some families at a time: all of each, in the order in which they were put aside."""
        self._kept.execute("CREATE INDEX IF NOT EXISTS of_family ON rows (family, number)")
        for first in range(1, len(self) + 1, size):
            rows = self._kept.execute(
                "SELECT content FROM rows WHERE family >= ? AND family < ? ORDER BY number", (first, first + size)
            )
            yield [orjson.loads(content) for (content,) in rows]
