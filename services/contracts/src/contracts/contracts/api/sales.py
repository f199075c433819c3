"""Deciding on what a request asks for: the same for its preview and its confirmation (CON-3)."""

import asyncio
from collections.abc import Sequence

from carnet.decisions import Context, Decision
from carnet.http import Call
from carnet.money import Money
from carnet.mongo import Link, Unit, Wanted, transact
from carnet.organisations import organisation_of
from contracts.access.store import access_loads
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.api.bodies import Cart, ChangeIn, OpeningIn
from contracts.contracts.api.preview_views import ScholarshipShown, VoucherShown
from contracts.contracts.domain.aid_asked import given_back, uses_of
from contracts.contracts.domain.changes import change_contract, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.products import Offer
from contracts.contracts.store import CONTRACTS, PRODUCTS, SCHEDULES, missing_products
from contracts.peers import Peers

ACCOUNT_OF_CONTRACT = Link(CONTRACTS, "account", ACCOUNTS)


async def know_products(call: Call, peers: Peers, products: Sequence[str]) -> None:
    """Ask the catalog, once, for those of the products that are not known here yet, and keep the copies.

    A draft may have been put on sale a moment ago, so it is asked for again.
    """
    missing = await missing_products(call.database, products)
    if not missing:
        return
    token, organisation = call.principal.token, call.organisation
    answers = await asyncio.gather(*(peers.product(token, organisation, product) for product in missing))
    found = [product for product in answers if product is not None]

    async def keep(unit: Unit) -> None:
        await unit.load(PRODUCTS, [product.id for product in found])
        for product in found:
            known = unit.get(PRODUCTS, product.id)
            if known is None or known.version < product.version:
                unit.put(PRODUCTS, product.keeping(known))

    await transact(call.database, keep)


async def decide_opening(unit: Unit, body: OpeningIn, context: Context) -> Decision[Contract]:
    """Open the contract that a request describes."""
    offer = await _offer(unit, body.account, body)
    organisation = await organisation_of(unit, offer.account.organisation)
    return open_contract(body.command(organisation.id, organisation.currency), offer, context)


async def decide_change(unit: Unit, contract: Contract, body: ChangeIn, context: Context) -> Decision[Contract]:
    """Change the contract as a request describes."""
    offer = await _offer(unit, contract.account, body)
    return change_contract(contract, body.command(contract.organisation, contract.currency), offer, context)


async def presented(
    call: Call, peers: Peers, cart: Cart, before: Contract | None, after: Contract
) -> list[VoucherShown]:
    """What credits says of the gift vouchers that a preview presents, line by line (CRE-9)."""
    known = {line.id for line in before.lines} if before else set()
    covered = [line for line in after.live if line.covered and line.id not in known]
    token = call.principal.token
    asked = (peers.voucher(token, code, line.purchase.product) for line, code in zip(covered, cart.codes, strict=True))
    answers = await asyncio.gather(*asked)
    return [
        VoucherShown(line=line.id, name=line.purchase.name, covers=answer.usable, why=answer.why, detail=answer.detail)
        for line, answer in zip(covered, answers, strict=True)
    ]


async def aided(call: Call, peers: Peers, before: Contract | None, after: Contract) -> list[ScholarshipShown]:
    """What credits says of the scholarships that a preview would use, line by line (CRE-11)."""
    uses = uses_of(before, after)
    if not uses:
        return []
    parts = given_back(before, after, {use.scholarship for use in uses})
    answers = await peers.scholarships(call.principal.token, after.account, after.currency, uses, parts)
    names = {line.id: line.purchase.name for line in after.live}
    return [
        ScholarshipShown(
            line=use.line,
            name=names[use.line],
            scholarship=use.scholarship,
            fund=answer.fund,
            amount=Money(amount=use.amount, currency=after.currency),
            covers=answer.usable,
            why=answer.why,
            detail=answer.detail,
            left=answer.left,
        )
        for use, answer in zip(uses, answers, strict=True)
    ]


def opening_loads(body: OpeningIn) -> Wanted:
    """What opening a contract reads."""
    return _cart_loads(body.account, body)


def contract_loads(contract_id: str) -> Wanted:
    """What every change of a contract reads."""
    return (SCHEDULES, contract_id), (CONTRACTS, contract_id)


def change_loads(unit: Unit, contract_id: str, body: ChangeIn) -> Wanted:
    """What a change reads besides, once its contract is loaded."""
    contract = unit.get(CONTRACTS, contract_id)
    return () if contract is None else (*_cart_loads(contract.account, body), *access_loads(contract))


def cart_loads(cart: Cart) -> Wanted:
    """What a request names itself: people that take part, and products."""
    people = [(ACCOUNTS, account) for account in cart.beneficiaries]
    return (*people, *((PRODUCTS, product) for product in cart.products))


def _cart_loads(account_id: str, cart: Cart) -> Wanted:
    return (ACCOUNTS, account_id), *cart_loads(cart)


async def load_contract(unit: Unit, contract_id: str) -> Contract:
    """The contract, with what is known of its schedule loaded beside."""
    await unit.load(SCHEDULES, [contract_id])
    return await unit.one(CONTRACTS, contract_id, what="contract")


async def _offer(unit: Unit, account_id: str, cart: Cart) -> Offer:
    """The products that a request names and the people that it may name, of this organisation only (ORG-1)."""
    await unit.load_all(_cart_loads(account_id, cart))
    account = await unit.one(ACCOUNTS, account_id, what="account")
    others = [await unit.one(ACCOUNTS, other, what="account") for other in cart.beneficiaries]
    return Offer(
        products={product: await unit.one(PRODUCTS, product, what="product") for product in cart.products},
        account=account,
        beneficiaries=frozenset(other.id for other in others if not other.erased),
    )
