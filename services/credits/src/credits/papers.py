"""The papers that links in mails lead to: gift vouchers and gift cards (CRE-8, CRE-9)."""

import asyncio
from collections.abc import Mapping

from carnet.http.papers import Reader
from carnet.links import Paper
from carnet.mongo import Database
from carnet.organisations import known_organisation
from carnet.paper.writing import Language
from credits.domain.credit import Credit
from credits.domain.vouchers import Voucher
from credits.store import credit_of, voucher_of
from credits.voucher_paper import render


async def printed(database: Database, voucher: Voucher, language: Language) -> tuple[str, bytes] | None:
    """The file name and the PDF of a voucher; None if it was removed, or its organisation is not known."""
    return None if voucher.standing == "removed" else await _printed(database, voucher, voucher.code, language)


async def card_printed(database: Database, card: Credit, language: Language) -> tuple[str, bytes] | None:
    """The file name and the PDF of a gift card; None if it was removed, or its organisation is not known."""
    code = card.card.code if card.card is not None and card.status != "removed" else None
    return await _printed(database, card, code, language)


async def _printed(
    database: Database, held: Voucher | Credit, code: str | None, language: Language
) -> tuple[str, bytes] | None:
    organisation = await known_organisation(database, held.organisation)
    if organisation is None or code is None:
        return None
    pdf = await asyncio.to_thread(render, held, organisation, language)
    return file_name(held, code, language), pdf


def file_name(held: Voucher | Credit, code: str, language: Language) -> str:
    """The file name of a paper: the beginning of its code distinguishes it, and nobody can use that."""
    english, french = ("voucher", "bon-cadeau") if isinstance(held, Voucher) else ("gift-card", "carte-cadeau")
    return f"{french if language == 'fr' else english}-{code[:4]}.pdf"


async def _voucher(database: Database, paper: Paper) -> tuple[str, bytes] | None:
    (id_,) = paper.about
    voucher = await voucher_of(database, paper.organisation, id_)
    return None if voucher is None else await printed(database, voucher, _language(paper))


async def _gift_card(database: Database, paper: Paper) -> tuple[str, bytes] | None:
    (id_,) = paper.about
    card = await credit_of(database, paper.organisation, id_)
    return None if card is None else await card_printed(database, card, _language(paper))


def _language(paper: Paper) -> Language:
    return "fr" if paper.language == "fr" else "en"


READERS: Mapping[str, Reader] = {"voucher": _voucher, "gift_card": _gift_card}
"""Each kind of paper, with what finds its file name and its PDF."""
