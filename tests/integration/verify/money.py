"""The part of the season in which money comes in through a provider and goes out again, decided by payments."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from carnet.dates import utc_now
from carnet.decisions import Context
from carnet.events.contracts import AtOnce, Instalments
from carnet.ids import new_id
from carnet.journal import slot_of
from carnet.mongo import Unit, transact
from contracts.contracts.domain.changes import Change
from contracts.contracts.domain.draft import Edit
from payments.collection.collector.asking import as_sent
from payments.collection.domain.starting import Claim, start
from payments.collection.outcomes import OrderAnswer, save_outcomes
from payments.collection.store.orders import ORDERS
from payments.collection.store.starting import save_started
from payments.credit_uses.domain import request_use
from payments.credit_uses.store import KNOWN_CREDITS, keep_request
from payments.payment_methods.domain import PaymentMethod
from payments.provider.interface import Charge, Provider
from payments.receipts.store import PAYMENTS
from payments.refunds.domain.reversing import TakenBack, reverse_by_hand
from payments.refunds.domain.settling import Settling, settle_refund_line
from payments.refunds.store import collected_payments, keep_reversed, keep_settled
from payments.schedules.store import SCHEDULES
from tests.integration.verify.plot import Plot, there

Work = Callable[[Unit, Context], Awaitable[object]]


class Money:
    """Plays that part in a plot, with a provider."""

    def __init__(self, plot: Plot, provider: Provider) -> None:
        self.plot = plot
        self.world = plot.world
        self.season = plot.season
        self.provider = provider

    async def play(self) -> None:
        await self._collected()
        await self._refunded()
        await self._settled()
        await self.world.settle()
        await self._by_credit()
        await self.world.settle()

    async def _collected(self) -> None:
        """An instalment that is collected, one that is refused, and a debit that is still pending."""
        await self.plot.open("collected", "petit", Instalments(count=3), "ballet")
        await self.world.settle()
        for token in ("tok_success", "tok_refused", "tok_debit_success"):
            await self._collect("collected", token)

    async def _refunded(self) -> None:
        """Refunds through the provider: one that it makes, one that it can't."""
        for name, token in (("refunded", "tok_success"), ("not refunded", "tok_refund_refused")):
            await self.plot.open(name, "petit", AtOnce(), "jazz")
            await self.world.settle()
            await self._collect(name, token)
            await self.plot.change(name, "petit", Change(discounts=(self.season.products["discount"],)))
            await self.world.settle()
            await self._settle(name, Settling(2_000, "refunded"))
            await self._ask()

    async def _settled(self) -> None:
        """A refund line that is settled in parts, each in its way; then the cheque bounces."""
        plot = self.plot
        await plot.open("settled", "petit", AtOnce(), "jazz")
        await self.world.settle()
        await plot.pay("settled", 24_000)
        await plot.change("settled", "petit", Change(discounts=(self.season.products["discount"],)))
        await self.world.settle()
        await self._settle("settled", Settling(1_000, "converted"))
        await self._settle("settled", Settling(500, "on_site"))
        await self._settle("settled", Settling(400, "waived", "agreed by phone"))
        await self._reverse("settled", 2_000)

    async def _by_credit(self) -> None:
        """The converted credit pays another contract, refuses more than it has, and gets a part back."""
        opened = await self.plot.open("by credit", "petit", AtOnce(), "workshop")
        await self.world.settle()
        await self._use("by credit", 1_000)
        await self._use("by credit", 5_000)
        await self.plot.change("by credit", "petit", Change(edit=(Edit(opened.lines[0].id, price=600),)))

    async def _use(self, name: str, amount: int) -> None:
        contract = self.season.contracts[name]
        settled = {"contract": self.season.contracts["settled"], "how": "converted"}
        credit = (await self.world.one("payments", "settlements", settled))["credit"]

        async def work(unit: Unit, context: Context) -> None:
            await unit.load(KNOWN_CREDITS, [credit])
            schedule, known = there(unit.get(SCHEDULES, contract)), there(unit.get(KNOWN_CREDITS, credit))
            keep_request(unit, *request_use(schedule, known, amount, context), context)

        await self._in_payments(name, work)
        await self.world.settle()

    async def _collect(self, name: str, token: str) -> None:
        """Collect the first instalment by a payment method with that token."""
        contract = self.season.contracts[name]
        method = PaymentMethod(
            id=new_id(), provider=self.provider.name, kind="card", token=token, label=None, added_at=utc_now()
        )

        async def work(unit: Unit, context: Context) -> None:
            schedule = there(unit.get(SCHEDULES, contract))
            claim = Claim(None, utc_now() + timedelta(hours=1), slot_of(contract))
            save_started(unit, start(schedule, schedule.instalments[:1], method, claim, context), context)

        await self._in_payments(name, work)
        await self._ask()

    async def _ask(self) -> None:
        """Send every order that was not sent, and save what becomes of it."""
        database = self.world.databases["payments"]
        for document in await database[ORDERS.name].find({"status": "asked"}).to_list(None):
            order = ORDERS.read(document)
            sent = as_sent(order)
            outcome = await (self.provider.charge(sent) if isinstance(sent, Charge) else self.provider.refund(sent))
            await save_outcomes(database, [OrderAnswer(order.id, outcome)])
        await self.world.settle()

    async def _settle(self, name: str, settling: Settling) -> None:
        contract = self.season.contracts[name]

        async def work(unit: Unit, context: Context) -> None:
            payments = await collected_payments(unit, contract)
            settled = settle_refund_line(there(unit.get(SCHEDULES, contract)), settling, payments, context)
            keep_settled(unit, settled, context)

        await self._in_payments(name, work)

    async def _reverse(self, name: str, amount: int) -> None:
        contract = self.season.contracts[name]
        payment = (await self.world.one("payments", "payments", {"contract": contract}))["_id"]

        async def work(unit: Unit, context: Context) -> None:
            await unit.load(PAYMENTS, [payment])
            taken = TakenBack(new_id(), amount, "bounced_cheque")
            schedule = there(unit.get(SCHEDULES, contract))
            found = there(unit.get(PAYMENTS, payment))
            keep_reversed(unit, reverse_by_hand(schedule, found, (), taken, context), context)

        await self._in_payments(name, work)

    async def _in_payments(self, name: str, work: Work) -> None:
        """Do this on the schedule of that contract, loaded before."""
        contract = self.season.contracts[name]

        async def with_schedule(unit: Unit) -> None:
            await unit.load(SCHEDULES, [contract])
            with unit.piece(self.world.organisation):
                await work(unit, self.world.context())

        await transact(self.world.databases["payments"], with_schedule)
