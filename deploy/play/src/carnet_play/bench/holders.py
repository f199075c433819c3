"""What families hold at credits: credits, gift vouchers, gift cards and session packs, as the service issues them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from carnet.codes import new_code
from carnet.events.catalog import SessionPackDetails
from carnet.ids import new_id
from carnet.mongo import Database, Document
from carnet.organisations import ORGANISATIONS
from carnet_play.bench.stage import School
from credits.collections import COLLECTIONS
from credits.domain.accounts import Account
from credits.domain.cards import issue_card
from credits.domain.credit import Card
from credits.domain.movements import Gift
from credits.domain.movements import issue as issue_credit
from credits.domain.packs import issue as issue_pack
from credits.domain.selling import SellingContract, SoldCredit, SoldPack, SoldVoucher
from credits.domain.vouchers import code_of, issue
from credits.packs.store import PACKS
from credits.store import ACCOUNTS, CODES, CREDITS, SELLING, VOUCHERS

AMOUNT = 5_000
SESSIONS = 10
PAGE = 1_000
"""How many documents are written at a time."""

Documents = Mapping[str, Sequence[Document]]
"""Documents by the name of their collection."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A family of one member, with one of each, all sold on one contract but the credit."""

    account: str
    member: str
    voucher: str
    pack: str
    code: str
    """The digest of the voucher's code."""
    documents: Documents


def holder_of(school: School) -> Holder:
    """A family whose documents the service itself has decided on."""
    account, member, context = new_id(), new_id(), school.context()
    family = Account(id=account, organisation=school.organisation, version=1, members=(member,))
    contract = SellingContract(id=new_id(), organisation=school.organisation, version=1, told=1)
    sold = SoldVoucher(
        line=new_id(), sequence=1, account=account, name="A workshop to give", products=(school.product.id,)
    )
    paid = SoldCredit(
        line=new_id(),
        sequence=1,
        account=account,
        value=AMOUNT,
        currency="EUR",
        card=Card(name="A gift card", code=None),
    )
    evenings = SoldPack(
        line=new_id(),
        sequence=1,
        account=account,
        name="Ten evenings",
        details=SessionPackDetails(sessions=SESSIONS, months=12),
        bought_on=context.today,
    )
    decisions = [
        issue_credit(Gift(account, AMOUNT, "EUR"), school.organisation, context),
        issue_card(contract, paid, new_code(), context.today),
    ]
    credits_ = [each.state.model_copy(update={"version": len(each.events)}) for each in decisions]
    voucher = issue(contract, sold, new_code(), context.today).state.model_copy(update={"version": 1})
    pack = issue_pack(contract, evenings, context.today).state.model_copy(update={"version": 1})
    codes = [code_of(voucher), code_of(credits_[1])]
    documents = {
        ACCOUNTS.name: [ACCOUNTS.write(family)],
        SELLING.name: [SELLING.write(contract)],
        CREDITS.name: [CREDITS.write(each) for each in credits_],
        VOUCHERS.name: [VOUCHERS.write(voucher)],
        PACKS.name: [PACKS.write(pack)],
        CODES.name: [CODES.write(each) for each in codes],
    }
    return Holder(account, member, voucher.id, pack.id, codes[0].id, documents)


def copies(school: School, count: int) -> Iterator[tuple[str, Documents]]:
    """So many families alike, with ids of their own and without codes: each with its account."""
    family = holder_of(school)
    documents = {name: each for name, each in family.documents.items() if name != CODES.name}
    text = orjson.dumps(documents).decode()
    own = [each["_id"] for name in documents for each in documents[name]]
    for _ in range(count):
        copy = text
        new = {id_: new_id() for id_ in [*own, family.member]}
        for id_, other in new.items():
            copy = copy.replace(id_, other)
        yield new[family.account], orjson.loads(copy)


async def keep(database: Database, documents: Sequence[Documents]) -> None:
    """Write the documents of so many families, a page at a time."""
    for start in range(0, len(documents), PAGE):
        page = documents[start : start + PAGE]
        for name in page[0]:
            written: list[Document] = [each for family in page for each in family[name]]
            await database[name].insert_many(written, ordered=False)


async def opened(database: Database, school: School) -> None:
    """Let credits know of the school."""
    await database.prepare((*COLLECTIONS, ORGANISATIONS))
    await database[ORGANISATIONS.name].insert_one(ORGANISATIONS.write(school.known))
