"""The part of the season in which money goes in by a provider and out again, by the decisions of payments."""

from collections.abc import Awaitable, Callable

from carnet.decisions import Context
from carnet.events.contracts import AtOnce
from carnet.ids import new_id
from carnet.mongo import Unit, transact
from contracts.domain.changes import Change
from payments.domain.reversing import TakenBack, reverse_by_hand
from payments.domain.settling import Settling, settle_refund_line
from payments.store import FOLLOW_UPS, PAYMENTS, SCHEDULES, keep_reversed, keep_settled
from tests.integration.verify.plot import Plot, there

Work = Callable[[Unit, Context], Awaitable[object]]


class Money:
    """Plays that part in a plot."""

    def __init__(self, plot: Plot) -> None:
        self.plot = plot
        self.world = plot.world
        self.season = plot.season

    async def play(self) -> None:
        await self._settled()
        await self.world.settle()

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

    async def _settle(self, name: str, settling: Settling) -> None:
        contract = self.season.contracts[name]

        async def work(unit: Unit, context: Context) -> None:
            settled = settle_refund_line(there(unit.get(SCHEDULES, contract)), settling, (), context)
            keep_settled(unit, settled, context)

        await self._in_payments(name, work)

    async def _reverse(self, name: str, amount: int) -> None:
        contract = self.season.contracts[name]
        payment = (await self.world.one("payments", "payments", {"contract": contract}))["_id"]

        async def work(unit: Unit, context: Context) -> None:
            await unit.load(PAYMENTS, [payment])
            taken = TakenBack(new_id(), amount, "bounced_cheque")
            schedule = there(unit.get(SCHEDULES, contract))
            keep_reversed(unit, reverse_by_hand(schedule, there(unit.get(PAYMENTS, payment)), taken, context), context)

        await self._in_payments(name, work)

    async def _in_payments(self, name: str, work: Work) -> None:
        """Do this on the schedule of that contract, loaded before."""
        contract = self.season.contracts[name]

        async def with_schedule(unit: Unit) -> None:
            await unit.load(SCHEDULES, [contract])
            await unit.load(FOLLOW_UPS, [contract])
            await work(unit, self.world.context())

        await transact(self.world.databases["payments"], with_schedule)
