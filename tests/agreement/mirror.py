"""Everything of a school exported, and imported into an empty suite: what must be the same there (IMP-5)."""

import csv
import io
import zipfile
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from carnet.auth import Principal
from carnet.decisions import Actor
from carnet.exporting.archive import write_archive
from carnet.exporting.by_hand import WORDS
from carnet.exporting.collections import Exported, lines_of
from carnet.importing.families import read_families
from carnet.importing.tables import read_tables
from catalog.store import ORGANISATIONS as DESCRIBED
from catalog.store import PRODUCTS
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.store import CONTRACTS
from credits import collections as credits
from credits.packs.store import PACKS
from credits.store import CREDITS
from payments import collections as payments
from payments.schedules.store import SCHEDULES
from tests.agreement.school import PROFILE, SCOPES
from tests.memory.suite import Suite

EXPORTED = {
    "catalog": (Exported(DESCRIBED, by="_id"), Exported(PRODUCTS)),
    "contracts": (Exported(ACCOUNTS), Exported(CONTRACTS)),
    "payments": payments.EXPORTED,
    "credits": credits.EXPORTED,
    "notifications": (),
}


def archive_of(suite: Suite) -> zipfile.ZipFile:
    """The export of the suite's organisation."""

    async def lines(service: str) -> AsyncIterator[bytes]:
        async for piece in lines_of(suite.services[service].database, suite.organisation, EXPORTED[service]):
            for line in piece.splitlines():
                yield line

    file = io.BytesIO()
    suite.run(write_archive(file, lines, "fr"))
    return zipfile.ZipFile(file)


def mirrored(suite: Suite) -> Suite:
    """An empty suite into which what is exported of the one was imported, as on the same day."""
    with archive_of(suite) as archive:
        files = [(name, archive.read(name)) for name in archive.namelist() if name.startswith("import/")]
    profile = suite.ask("catalog", "GET", "/v1/organisation").body
    other = Suite(suite.nature, principals=dict(suite.principals))
    scopes = frozenset(SCOPES.split())
    other.principals["staff"] = Principal(other.organisation, Actor("user", "ines"), scopes, None, "staff")
    described = {name: each for name, each in PROFILE.items() if name != "access_late_days"}  # no worker withholds here
    assert other.ask("catalog", "PUT", "/v1/organisation", described).ok
    if profile["clock_ahead"]:
        moved = {"now": profile["today"] + "T12:00:00Z"}
        assert other.ask("catalog", "POST", "/v1/organisation/clock", moved, version=1).ok
    other.settle()
    reading = read_families([table for name, content in files for table in read_tables(name, content)], "EUR", "fr")
    assert reading.problems == []
    for given in reading.families.values():
        assert given.problems == []
        answer = other.ask("contracts", "POST", "/v1/imports/families", given.body)
        assert answer.status == 201, answer
    other.settle()
    return other


def balances_of(suite: Suite, today: date) -> dict[str, dict[str, Any]]:
    """What each family owes, has paid and has left, by the name of its owner.

    What was paid too much is a credit; what an attempt is asking for is on no date. Gift cards and credits of contracts
    that are not paid are left out: somebody gives them again by hand.
    """
    database = {name: service.database for name, service in suite.services.items()}
    schedules = database["payments"].states(SCHEDULES)
    found = {}
    for account in database["contracts"].states(ACCOUNTS).values():
        own = [each for each in schedules.values() if each.account == account.id]
        paid = sum(min(each.paid, each.total) for each in own)
        planned = sum(instalment.amount for each in own for instalment in each.instalments)
        total = sum(each.total for each in own)
        over = sum(max(each.paid - each.total, 0) for each in own)
        unpaid = {each.id for each in own if each.paid < each.total}
        left = [
            each.left
            for each in database["credits"].states(CREDITS).values()
            if each.account == account.id and each.card is None and not (each.line and each.contract in unpaid)
        ]
        packs = sorted(
            (pack.name, pack.left, pack.expires_on)
            for pack in database["credits"].states(PACKS).values()
            if pack.account == account.id and pack.left != 0 and (pack.expires_on or today) >= today
        )
        owner = account.member(account.owner)
        found[owner.last_name] = {
            "total": total,
            "paid": paid,
            "planned": planned,
            "unscheduled": total - paid - planned,
            "credit": sum(left) + over,
            "packs": packs,
            "people": sorted((each.first_name, each.kind, each.tags, each.notes) for each in account.members),
            "tags": (account.tags, account.notes),
        }
    return found


def check(suite: Suite, today: date) -> None:
    """What is exported now and imported into an empty suite has the same balances; the rest is listed (IMP-5)."""
    before, after = balances_of(suite, today), balances_of(mirrored(suite), today)
    assert after == before, ("IMP-5: the mirror", before, after)
    listed, expected = by_hand(suite), left_out_of(suite)
    assert listed == expected, ("IMP-5: what is done by hand", listed, expected)


def by_hand(suite: Suite) -> dict[tuple[str, str], int]:
    """What the export lists for families by hand, in minor units, by owner and what it is."""
    with archive_of(suite) as archive:
        text = archive.read("à-la-main.csv").decode("utf-8-sig")
    of_words = {words: what for what, words in WORDS["fr"].items()}
    found: dict[tuple[str, str], int] = defaultdict(int)
    for row in csv.DictReader(io.StringIO(text), delimiter=";"):
        what = of_words[row["Ce qui reste à faire"]]
        if what in AMOUNTS:
            found[row["Responsable"].rpartition(" ")[2], what] += int(row["Montant"].replace(",", "").replace(" ", ""))
    return dict(found)


AMOUNTS = ("gift-card", "owed", "cheque")
"""What of it is an amount that is kept here, whatever became of it."""


def left_out_of(suite: Suite) -> dict[tuple[str, str], int]:
    """The same of what is kept: what gift cards have left, what is due of deposits, post-dated cheques."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    accounts = suite.services["contracts"].database.states(ACCOUNTS)
    names = {each.id: each.member(each.owner).last_name for each in accounts.values()}
    for credit in suite.services["credits"].database.states(CREDITS).values():
        found[names[credit.account], "owed"] += credit.due
        if credit.card is not None and credit.status == "granted":
            found[names[credit.account], "gift-card"] += credit.left
    for schedule in suite.services["payments"].database.states(SCHEDULES).values():
        held = (each.amount for each in schedule.instalments if each.cheque is not None)
        found[names[schedule.account], "cheque"] += sum(held)
    return {place: amount for place, amount in found.items() if amount}
