"""Schools whose families have instalments to collect, as payments keeps them: put straight into its database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import orjson

from carnet.dates import utc_now
from carnet.decisions import Actor, Context
from carnet.events.catalog import Contact
from carnet.events.contracts import ContractTerms, Instalments
from carnet.ids import new_id
from carnet.journal import slot_of
from carnet.mongo import Database, Document
from carnet.organisations import ORGANISATIONS, Organisation
from carnet_play.bench.stage import PRICE
from payments.accounts.domain import Names
from payments.follow_up.domain import FollowUp
from payments.follow_up.store.rows import FOLLOW_UPS
from payments.payment_methods.domain import SANDBOX, PaymentMethod, PaymentMethods, add_method
from payments.payment_methods.store import PAYMENT_METHODS
from payments.schedules.domain.decisions import open_schedule
from payments.schedules.domain.starting import Opening
from payments.schedules.store import SCHEDULES

PAGE = 1_000
"""How many documents are written at a time."""

TOKEN = "tok_success"  # noqa: S105 # what the sandbox is to play


@dataclass(frozen=True)
class School:
    """A school of which payments does not know yet: nothing of it is collected before ``opens``."""

    organisation: str = field(default_factory=new_id)

    async def opens(self, database: Database) -> None:
        """Let payments know of it."""
        organisation = Organisation(
            id=self.organisation,
            organisation=self.organisation,
            version=1,
            name="Bench",
            currency="EUR",
            time_zone="Europe/Paris",
            languages=("en",),
            contact=Contact(),
            support_email="support@bench.example",
            mode="test",
        )
        await database[ORGANISATIONS.name].insert_one(ORGANISATIONS.write(organisation))

    def families(self, first_due: date, count: int) -> Iterator["Family"]:
        """So many families: each has a contract in three instalments, the first due on that day, and a card."""
        family = self._family(first_due)
        text = orjson.dumps([family.schedule, family.follow_up, family.methods]).decode()
        own = [family.schedule["_id"], family.schedule["account"], family.methods["default"]]
        own += [each["id"] for each in family.schedule["instalments"]]
        for _ in range(count):
            copy = text
            for id_ in own:
                copy = copy.replace(id_, new_id())
            schedule, follow_up, methods = orjson.loads(copy)
            schedule["slot"] = slot_of(schedule["_id"])
            yield Family(schedule, follow_up, methods)

    def _family(self, first_due: date) -> "Family":
        """One that the service itself has decided on: the others are its copies, with ids of their own."""
        account, now = new_id(), utc_now()
        context = Context(now, first_due, Actor("user", "bench"), new_id(), new_id)
        opening = Opening(
            contract=new_id(),
            organisation=self.organisation,
            account=account,
            mode="online",
            sale=Instalments(count=3),
            currency="EUR",
            terms=ContractTerms(total=PRICE, live_lines=1, version=1),
        )
        opened = open_schedule(opening, context)
        schedule = opened.state.model_copy(update={"version": len(opened.events)})
        card = PaymentMethod(id=new_id(), provider=SANDBOX, kind="card", token=TOKEN, label=None, added_at=now)
        none = PaymentMethods(id=account, organisation=self.organisation)
        added = add_method(none, card, prefer=True)
        names = Names(owner="Ada Bench", members=("Ada Bench",), sorted_by="bench ada", words=("ada", "bench"))
        return Family(
            schedule=SCHEDULES.write(schedule),
            follow_up=FOLLOW_UPS.write(FollowUp.of(schedule, names)),
            methods=PAYMENT_METHODS.write(added.state.model_copy(update={"version": len(added.events)})),
        )


@dataclass(frozen=True, slots=True)
class Family:
    """A family's documents."""

    schedule: Document
    follow_up: Document
    methods: Document


def days_ago(days: int) -> date:
    """A date on which whatever was due is collected, at any hour of today."""
    return utc_now().date() - timedelta(days=days)


async def keep(database: Database, families: Sequence[Family]) -> None:
    """Write these families, a page at a time."""
    for start in range(0, len(families), PAGE):
        page = families[start : start + PAGE]
        for collection, documents in (
            (PAYMENT_METHODS, [each.methods for each in page]),
            (FOLLOW_UPS, [each.follow_up for each in page]),
            (SCHEDULES, [each.schedule for each in page]),
        ):
            written: list[Any] = documents
            await database[collection.name].insert_many(written, ordered=False)
