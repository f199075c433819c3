"""One order at its provider: found where it may have arrived before, else sent, with its own key and body (PAY-6)."""

import asyncio
from collections.abc import Callable, Mapping

from carnet.mongo import is_transient
from carnet.observe import log
from payments.collection.collector.calendars import Clocks
from payments.collection.domain.orders import Order, Outcome
from payments.collection.outcomes import OrderAnswer
from payments.provider.interface import Charge, Provider, Refund, UnansweredError


class Asker:
    """Asks providers, with at most ``calls`` orders at each of them at a time."""

    def __init__(self, providers: Mapping[str, Provider], clocks: Clocks, *, calls: int) -> None:
        self._providers = providers
        self._clocks = clocks
        self._room = {name: asyncio.Semaphore(calls) for name in providers}

    async def ask(self, order: Order, may_ask: Callable[[], bool]) -> OrderAnswer | None:
        """What the provider says of a claimed order; None if it was surely not asked, so that it can be given back.

        ``may_ask`` says, right before anything is handed over, whether the claim still allows it.
        """
        async with self._room[order.provider]:
            if not may_ask():
                return None
            try:
                outcome = await self._outcome(order, may_ask)
            except UnansweredError as error:
                log.info("a provider did not answer", order=order.id, provider=order.provider, why=str(error))
                return None if error.refuses_all else OrderAnswer(order.id, None, order.claim)
            except Exception as error:
                if is_transient(error):  # the database, before anything was sent
                    return None
                # Whatever is wrong with one order is that order's fault: it waits and the others go on.
                log.exception("an order could not be sent", order=order.id, provider=order.provider)
                return OrderAnswer(order.id, None, order.claim)
            return OrderAnswer(order.id, outcome, order.claim)

    async def _outcome(self, order: Order, may_ask: Callable[[], bool]) -> Outcome:
        provider, sent = self._providers[order.provider], as_sent(order)
        await self._clocks.know(provider, order.organisation)
        if order.asks > 1:
            found = await provider.find(sent)
            if found is not None:
                return found
            if not may_ask():
                raise UnansweredError("no time is left to send it again", refuses_all=True)
        return await (provider.charge(sent) if isinstance(sent, Charge) else provider.refund(sent))


def as_sent(order: Order) -> Charge | Refund:
    """What a provider is handed for an order: the very same each time."""
    if order.kind == "charge":
        return Charge(
            key=order.id,
            organisation=order.organisation,
            amount=order.amount,
            currency=order.currency,
            token=order.token,
            kind=order.method_kind,
        )
    return Refund(
        key=order.id,
        organisation=order.organisation,
        amount=order.amount,
        currency=order.currency,
        charge=order.charge or "",
    )
