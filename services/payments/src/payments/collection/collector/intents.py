"""What is due is started: in one transaction for many schedules, the intents are saved before any call (PAY-6)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from carnet.dates import utc_now
from carnet.decisions import Context
from carnet.due import Aside
from carnet.ids import new_id
from carnet.journal import slot_of
from carnet.mongo import Database, Unit, is_transient, transact
from carnet.observe import log
from carnet.organisations import ORGANISATIONS
from payments.accounts.store import ACCOUNTS
from payments.collection.collector.calendars import Calendars
from payments.collection.domain.calendars import collected_until
from payments.collection.domain.orders import Order
from payments.collection.domain.starting import Claim, for_the_run, miss_method, start
from payments.collection.outcomes import ACTOR
from payments.collection.store.calendars import calendar_in
from payments.collection.store.starting import due_contracts, load_to_start, save_missing, save_started
from payments.payment_methods.store import methods_in
from payments.schedules.domain.schedule import Schedule
from payments.sepa.domain.mandates import SEPA
from payments.sepa.store.mandates import without_lapsed

REMITTED_SECONDS = 600.0
"""How long a schedule that waits for a remittance by staff is left alone (PAY-18)."""

UNREACHED_SECONDS = 5.0
"""How long an organisation is left alone if one of its providers takes nothing at the moment."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The owner of the orders that a round makes, for how long, and which providers take orders."""

    claim: str
    until: datetime
    providers: Collection[str]


class Intents:
    """Starts what is due, a batch at a time."""

    def __init__(self, database: Database, calendars: Calendars, configured: Collection[str]) -> None:
        self._database = database
        self._calendars = calendars
        self._configured = configured
        self._schedules = Aside()
        self._organisations = Aside()

    async def start_due(self, slots: frozenset[int], hand: Hand, limit: int) -> Sequence[Order]:
        """Start up to ``limit`` due instalments of these slots; their orders, saved and claimed.

        None while collecting is held: a restore has lost orders that a provider may have done already.
        """
        await self._calendars.refresh()
        if self._calendars.held:
            return ()
        groups = self._calendars.groups(utc_now(), but=self._organisations.now)
        contracts = await due_contracts(self._database, groups, slots, but=self._schedules.now, limit=limit)
        return await self._start(contracts, hand, limit) if contracts else ()

    async def _start(self, contracts: Sequence[str], hand: Hand, limit: int) -> Sequence[Order]:
        try:
            return await transact(self._database, lambda unit: self._decide(unit, contracts, hand, limit))
        except Exception as error:
            if is_transient(error):
                raise
            if len(contracts) == 1:
                self._leave_alone(contracts[0])
                return ()
            orders: list[Order] = []
            for contract in contracts:
                orders += await self._start([contract], hand, limit - len(orders))
            return orders

    async def _decide(self, unit: Unit, contracts: Sequence[str], hand: Hand, limit: int) -> list[Order]:
        schedules = await load_to_start(unit, contracts)
        # An account may have no method, or one that has lapsed.
        preferred = {each.account: methods_in(unit, each).preferred for each in schedules}
        await unit.load(ACCOUNTS, [id_ for id_, each in preferred.items() if each is None or each.provider == SEPA])
        orders: list[Order] = []
        for schedule in schedules:
            try:
                with unit.piece(schedule.organisation):
                    orders += self._begin(unit, schedule, hand, limit - len(orders))
            except Exception:
                self._leave_alone(schedule.id)
        return orders

    def _begin(self, unit: Unit, schedule: Schedule, hand: Hand, limit: int) -> Sequence[Order]:
        """Start what is due of one schedule, as it is now; its orders."""
        organisation = unit.get(ORGANISATIONS, schedule.organisation)
        if organisation is None:
            raise LookupError(f"organisation {schedule.organisation} is not known")
        now = utc_now()
        until = collected_until(calendar_in(unit, organisation.id), organisation.local(now))
        due = for_the_run(schedule, until)[: max(limit, 0)]
        if not due:
            return ()
        context = Context(now=now, today=organisation.today(now), actor=ACTOR, change=new_id(), new_id=new_id)
        kept = methods_in(unit, schedule)
        method = without_lapsed(unit, kept, context).preferred
        if method is None:
            save_missing(unit, miss_method(schedule, due, context), context)
            return ()
        if method.provider == SEPA:
            self._schedules.put(schedule.id, REMITTED_SECONDS)
            return ()
        if method.provider not in hand.providers:
            self._wait_for(method.provider, schedule)
            return ()
        started = start(schedule, due, method, Claim(hand.claim, hand.until, slot_of(schedule.id)), context)
        save_started(unit, started, context)
        return started.orders

    def _wait_for(self, provider: str, schedule: Schedule) -> None:
        if provider in self._configured:
            self._organisations.put(schedule.organisation, UNREACHED_SECONDS)
        else:
            log.error("a payment method is of a provider that is not configured", provider=provider)
            self._schedules.put(schedule.id)

    def _leave_alone(self, contract: str) -> None:
        log.exception("a schedule could not be collected", contract=contract)
        self._schedules.put(contract)
