"""Nothing lost, doubled or reordered: read from the databases and topics, and added up without the services' code."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer

from carnet.mongo import Document
from carnet_operations.reactions import followers
from carnet_operations.services import SERVICES
from carnet_operations.verify import verify
from carnet_operations.verify.published.topics import partitions_of
from carnet_operations.verify.reading import Databases
from carnet_suite.servers import Servers
from notifications.mails import DUE
from tests.waits import BOUND

STALLED = 2 * BOUND
"""Seconds without any progress after which nothing more is to be hoped for."""

Journals = Mapping[str, Sequence[Document]]


@dataclass(frozen=True)
class Proof:
    """What the services have, of one namespace."""

    servers: Servers
    namespace: str
    databases: Databases

    async def settled(self, every: float = 0.2) -> None:
        """Return once all is published, handled by everybody and answered, and all mails are out.

        Looked at ``every`` so many seconds.
        """
        before: tuple[list[str], int] | None = None
        while True:
            look = await self._missing(), await self._published()
            if look != before:
                before, since = look, time.monotonic()
            elif not look[0]:
                return
            assert time.monotonic() - since < STALLED, f"for {STALLED:.0f} s there have been {look[0]}"
            await asyncio.sleep(every)

    async def _published(self) -> int:
        return sum([await self.databases[service]["journal"].count_documents({}) for service in SERVICES])

    async def _missing(self) -> list[str]:
        """What is still under way, in words."""
        to_go = {"status": {"$in": ["queued", "sending"]}}
        counts = {
            **{f"unpublished in {each}": await self._unpublished(each) for each in SERVICES},
            **{f"of {topic} not handled in {each}": await self._behind(each, topic) for topic, each in following()},
            "mails to go": await self.databases["notifications"]["mails"].count_documents(to_go),
        }
        return [f"{count} {what}" for what, count in counts.items() if count]

    async def _unpublished(self, service: str) -> int:
        return await self.databases[service]["journal"].count_documents({"pending": True})

    async def _behind(self, service: str, topic: str) -> int:
        """How many aggregates of the topic the service has not handled to their end."""
        marks = await self._marks(service, topic)
        return sum(marks.get(aggregate, 0) < last for aggregate, last in (await self._newest(topic)).items())

    async def _newest(self, topic: str) -> dict[str, int]:
        stages = [{"$match": {"topic": topic}}, {"$group": {"_id": "$aggregate", "last": {"$max": "$sequence"}}}]
        found = await self.databases[owner_of(topic)]["journal"].aggregate(stages).to_list(None)
        return {group["_id"]: group["last"] for group in found}

    async def _marks(self, service: str, topic: str) -> dict[str, int]:
        found = await self.databases[service]["marks"].find({"_id": {"$regex": f"^{topic}:"}}).to_list(None)
        return {mark["_id"].removeprefix(f"{topic}:"): mark["sequence"] for mark in found}

    async def holds(self, paid: Mapping[str, int]) -> None:
        """Prove it all. ``paid`` is what staff received for each contract, in minor units."""
        await self.settled()
        await self._nothing_parked()
        journals = {service: await self._journal(service) for service in SERVICES}
        self._are_whole(journals)
        await self._marks_are_level(journals)
        await self._were_published_in_order(journals)
        self._every_change_was_answered_once(journals)
        await self._schedules_are_at_the_totals(journals, paid)
        await self._credits_were_granted_once(journals)
        await self._mails_are_one_per_event_due(journals)
        await self._verified()

    async def agrees(self, every: float = 0.2, *, sandbox: str | None = None, mails: bool = True) -> Journals:
        """Prove what holds whatever the load is, and the book of a ``sandbox`` too; the journals of all services.

        Without ``mails`` where changes are made that no mail is due for, such as a period that is billed: which are
        due is then left to `carnet verify`.
        """
        await self.settled(every)
        await self._nothing_parked()
        journals = {service: await self._journal(service) for service in SERVICES}
        self._are_whole(journals)
        await self._were_published_in_order(journals)
        self._every_change_was_answered_once(journals)
        if mails:
            await self._mails_are_one_per_event_due(journals)
        await self._verified(sandbox)
        return journals

    async def _verified(self, sandbox: str | None = None) -> None:
        servers = self.servers
        report = await verify(servers.mongo_url, servers.kafka_bootstrap, self.namespace, sandbox=sandbox)
        assert report.ok, report.findings
        assert report.notes == [], report.notes

    async def _journal(self, service: str) -> list[Document]:
        order = [("aggregate", 1), ("sequence", 1)]
        return await self.databases[service]["journal"].find().sort(order).to_list(None)

    async def _nothing_parked(self) -> None:
        for service in SERVICES:
            for place in ("parked", "discarded"):
                assert await self.databases[service][place].find().to_list(None) == []

    def _are_whole(self, journals: Journals) -> None:
        for service, rows in journals.items():
            for aggregate, sequences in by_aggregate(rows).items():
                assert sequences == list(range(1, len(sequences) + 1)), f"{service} {aggregate}"
            assert [row["_id"] for row in rows if "pending" in row] == []

    async def _marks_are_level(self, journals: Journals) -> None:
        for topic, service in following():
            rows = [row for row in journals[owner_of(topic)] if row["topic"] == topic]
            published = {aggregate: sequences[-1] for aggregate, sequences in by_aggregate(rows).items()}
            assert published, f"nothing was published on {topic}: the load is too small to prove anything"
            assert await self._marks(service, topic) == published, f"{service} {topic}"

    async def _were_published_in_order(self, journals: Journals) -> None:
        """On its topic each event is at its place: perhaps again later, never before an earlier one."""
        published: dict[str, list[Document]] = defaultdict(list)
        for row in (row for rows in journals.values() for row in rows):
            published[row["topic"]].append(row)
        for topic, rows in published.items():
            received = await self._records(topic)
            first_times = {aggregate: list(dict.fromkeys(sequences)) for aggregate, sequences in received.items()}
            assert first_times == by_aggregate(rows), topic

    async def _records(self, topic: str) -> dict[str, list[int]]:
        """The sequences of each aggregate, in the order of the topic."""
        bootstrap, name = self.servers.kafka_bootstrap, self.namespace + topic
        partitions = (await partitions_of(bootstrap, [name]))[name]
        records: dict[str, list[int]] = defaultdict(list)
        async with AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest") as consumer:
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    for record in batch:
                        records[record.key.decode()].append(int(dict(record.headers)["ce_sequence"]))
        return records

    def _every_change_was_answered_once(self, journals: Journals) -> None:
        """One ScheduleCreated per opening and one ScheduleAdjusted per change, and no other (EVT-1)."""
        asked = [
            (row["change"], row["aggregate"], name)
            for row in journals["contracts"]
            if (name := ANSWER.get(name_of(row)))
        ]
        answered = [
            (row["data"]["change"], row["aggregate"], name_of(row))
            for row in journals["payments"]
            if name_of(row) in ANSWER.values()
        ]
        assert Counter(answered) == Counter(asked)
        assert max(Counter(asked).values()) == 1

    async def _schedules_are_at_the_totals(self, journals: Journals, paid: Mapping[str, int]) -> None:
        totals = {
            row["aggregate"]: (row["data"].get("total_after", row["data"].get("total")), row["data"]["version"])
            for row in journals["contracts"]
            if name_of(row) in ANSWER
        }
        schedules = await self.databases["payments"]["schedules"].find().to_list(None)
        assert {each["_id"]: (each["total"], each["covers"]) for each in schedules} == totals
        assert {each["_id"]: each["paid"] for each in schedules if each["paid"]} == paid
        for each in schedules:
            planned = sum(instalment["amount"] for instalment in each["instalments"])
            assert each["total"] == each["paid"] + planned + each["unscheduled"] - each["refund_due"], each["_id"]

    async def _credits_were_granted_once(self, journals: Journals) -> None:
        sold = [
            row["data"]["purchase"]["line"]
            for row in journals["contracts"]
            if name_of(row) == "ProductAdded" and row["data"]["purchase"]["kind"] == "client_credit"
        ]
        assert sold, "no credit was sold: the load is too small to prove anything"
        granted = [(row["aggregate"], name_of(row)) for row in journals["credits"]]
        assert Counter(granted) == Counter((line, "CreditGranted") for line in sold)
        entries = await self.databases["credits"]["entries"].find().to_list(None)
        assert Counter(entry["credit"] for entry in entries) == Counter(sold)

    async def _mails_are_one_per_event_due(self, journals: Journals) -> None:
        rows = [row for rows in journals.values() for row in rows]
        due = Counter(
            (kind, row["change"] if name_of(row) in ANSWER else row["_id"])
            for row in rows
            for kind in MAIL.get(name_of(row), ())
            if not silent(kind, row["data"])
        )
        mails = await self.databases["notifications"]["mails"].find().to_list(None)
        assert Counter((mail["kind"], mail["cause"]) for mail in mails) == due
        assert {mail["status"] for mail in mails} <= {"sent"}
        sent = Counter(row["aggregate"] for row in journals["notifications"] if name_of(row) == "EmailSent")
        assert sent == Counter(mail["_id"] for mail in mails)


ANSWER = {"ContractOpened": "ScheduleCreated", "ContractChanged": "ScheduleAdjusted"}
"""What payments answers to what contracts publishes (EVT-1)."""

MAIL = {
    "ContractOpened": ("contract_opened",),
    "ContractChanged": ("contract_changed",),
    **{event.__name__: kinds for event, kinds in DUE.items()},
}
"""Which mails each event makes due (NOT-1), unless ``silent`` finds that there is nothing to write about."""


def silent(kind: str, data: Document) -> bool:
    """Whether there is nothing to write about: a refund on site, a refund line that fell, a reversal without a loss.

    Nor yet about a gift that is sent later, and never about what comes from another system (IMP-3), nor that a
    subscription is paid as far as it is billed (CON-21).
    """
    match kind:
        case "contract_opened" | "contract_paid" | "credit_granted":
            return bool(data.get("imported") or data.get("origin") == "imported" or data.get("charged"))
        case "refund_awaiting":
            return bool(data["mode"] == "on_site")
        case "refund_grew":
            return bool(data["mode"] == "on_site" or data["amount_after"] < data["amount_before"])
        case "voucher_given" | "gift_card_given":
            return data.get("send_on") is not None
        case "money_lost":
            return not data["beyond"]
        case _:
            return False


def following() -> list[tuple[str, str]]:
    """Which topic is followed by which service."""
    return [(topic, service) for topic, services in followers().items() for service in services]


def owner_of(topic: str) -> str:
    return topic.split(".", maxsplit=1)[0]


def name_of(row: Mapping[str, Any]) -> str:
    return str(row["type"]).split(".")[2]


def by_aggregate(rows: Iterable[Document]) -> dict[str, list[int]]:
    """The sequences of each aggregate, in the order of the rows."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        found[row["aggregate"]].append(row["sequence"])
    return dict(found)
