"""The papers that links in mails lead to: gift vouchers (CRE-9)."""

import asyncio
from collections.abc import Mapping

from carnet.http.papers import Reader
from carnet.links import Paper
from carnet.mongo import Database
from carnet.organisations import ORGANISATIONS
from carnet.paper.writing import Language
from credits.domain.vouchers import Voucher
from credits.store import voucher_of
from credits.voucher_paper import render


async def printed(database: Database, voucher: Voucher, language: Language) -> tuple[str, bytes] | None:
    """The file name and the PDF of a voucher; None where it was removed, or its organisation is not known."""
    found = await database[ORGANISATIONS.name].find_one({"_id": voucher.organisation})
    if found is None or voucher.code is None or voucher.standing == "removed":
        return None
    pdf = await asyncio.to_thread(render, voucher, ORGANISATIONS.read(found), language)
    return file_name(voucher.code), pdf


def file_name(code: str) -> str:
    """The file name of a voucher: its beginning tells it from others, and is of no use to others."""
    return f"voucher-{code[:4]}.pdf"


async def _voucher(database: Database, paper: Paper) -> tuple[str, bytes] | None:
    (id_,) = paper.about
    voucher = await voucher_of(database, paper.organisation, id_)
    language: Language = "fr" if paper.language == "fr" else "en"
    return None if voucher is None else await printed(database, voucher, language)


READERS: Mapping[str, Reader] = {"voucher": _voucher}
"""Each kind of paper, with what finds its file name and its PDF."""
