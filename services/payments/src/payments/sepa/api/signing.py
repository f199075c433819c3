"""What is kept of a signature in a browser, and the mandate that it makes (PAY-18)."""

from dataclasses import dataclass

from starlette.requests import Request

from carnet.decisions import Context
from carnet.journal import ORIGIN
from carnet.mongo import Unit
from payments.payment_methods.api import save_added
from payments.payment_methods.domain import PaymentMethods, add_method
from payments.sepa.domain.mandates import Mandate, Proof, Signed
from payments.sepa.store.mandates import MANDATES

LONGEST_AGENT, LONGEST_ADDRESS = 300, 64


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from: an IP address, and the browser as it names itself."""

    address: str | None
    agent: str | None


def origin_of(request: Request) -> Origin:
    """Where it came from: the address that the front has added to the header, or else that of the connection."""
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    address = forwarded or (request.client.host if request.client else "")
    agent = request.headers.get("User-Agent", "")
    return Origin(address[:LONGEST_ADDRESS] or None, agent[:LONGEST_AGENT] or None)


def proof_of(text: str, signer: str, origin: Origin, context: Context) -> Proof:
    """What proves a signature that is given now."""
    return Proof(
        text=text,
        signer=signer,
        at=context.now,
        by=str(context.actor),
        request=ORIGIN.get().request,
        address=origin.address,
        agent=origin.agent,
    ).sealed()


async def keep_mandate(
    unit: Unit, methods: PaymentMethods, signed: Signed, context: Context, *, prefer: bool
) -> Mandate:
    """Save a mandate that was signed: a payment method of its account from now on, whose methods are loaded before."""
    await unit.load(MANDATES, [signed.decision.state.id])
    saved = unit.decide(MANDATES, signed.decision, context)
    await save_added(unit, add_method(methods, signed.method, prefer=prefer), context)
    return saved
