"""The PDF of a statement, in the organisation's name and colours."""

import asyncio
from typing import Literal

from carnet.mongo import Database
from carnet.organisations import Organisation
from carnet.paper.writing import Language
from carnet.refusals import conflict
from payments.invoices.store import logo_of, settings_of
from payments.statements.api.asked import Read
from payments.statements.domain import Statement
from payments.statements.paper import Letterhead, render

LONGEST_PAPER = 3_000
"""Entries: what is longer takes a machine seconds to typeset, and nobody reads it on paper."""


def check_length(statement: Statement) -> None:
    """Refuse (``statement-too-long``) what is too long for a PDF."""
    if len(statement.lines) > LONGEST_PAPER:
        raise conflict(
            "statement-too-long",
            f"The statement has {len(statement.lines)} entries, and a PDF takes {LONGEST_PAPER} at most. Ask for "
            "a shorter period, or take it as CSV.",
            rule="PAY-16",
            entries=len(statement.lines),
            most=LONGEST_PAPER,
        )


async def printed(database: Database, read: Read, language: Literal["en", "fr"] | None = None) -> bytes:
    """The PDF of a statement, by default in the language of the account's mails. Raises ``statement-too-long``."""
    check_length(read.statement)
    spoken = language or read.account.language or read.organisation.languages[0]
    letterhead = await letterhead_of(database, read.organisation, spoken)
    names = read.account.names
    return await asyncio.to_thread(render, read.statement, names, read.numbers, letterhead, made_on=read.today)


async def letterhead_of(database: Database, organisation: Organisation, language: Language) -> Letterhead:
    """The letterhead of an organisation, with its logo."""
    settings = await settings_of(database, organisation.id)
    logo = await logo_of(database, organisation.id, settings.fields.logo if settings.fields else None)
    return Letterhead.of(organisation, settings, logo, language)


def name_of(read: Read) -> str:
    """The name of its file, without the ending."""
    whose = read.account.names.number or read.account.id
    return f"statement-{whose}-{read.statement.until.isoformat()}"
