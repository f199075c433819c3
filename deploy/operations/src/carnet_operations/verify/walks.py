"""The walks through the databases: each aggregate with everything that the five services keep of it, side by side."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from carnet.journal import ROWS
from carnet.mongo import Document
from carnet_operations.collections import COLLECTIONS
from carnet_operations.requests import all_waiting
from carnet_operations.verify.books import booked
from carnet_operations.verify.contracts.access import Accesses
from carnet_operations.verify.contracts.replayed import ReplayedContract, check_contract, replay_contract
from carnet_operations.verify.contracts.subscriptions import check_subscription
from carnet_operations.verify.credits import balances, packs, removals, uses, vouchers
from carnet_operations.verify.informed import mails, reminders
from carnet_operations.verify.invoices import agreed, matched
from carnet_operations.verify.invoices.agreed import Numbers
from carnet_operations.verify.money import orders, outgoing, provider_book, remittances
from carnet_operations.verify.money.provider_book import Book
from carnet_operations.verify.published import states
from carnet_operations.verify.published.journals import (
    Following,
    check_journal,
    check_marks,
    check_published,
    mark_stream,
)
from carnet_operations.verify.reading import Databases, Group, Side, grouped, side_by_side
from carnet_operations.verify.report import Report
from carnet_operations.verify.requests.answered import check_answered
from carnet_operations.verify.schedules import collection, documents, explained, stated
from carnet_operations.verify.schedules.replayed import ReplayedSchedule, replay_schedule
from carnet_operations.verify.views.compared import check_views

_UNCHECKED = ("traceparent", "slot")
"""Fields of the journal that no check reads."""

_MALFORMED = (KeyError, IndexError, TypeError, AttributeError, ValueError)
"""Raised on a document that lacks a field or holds a value of another type."""

_ANSWERS = [
    f"carnet.credits.{name}.v1"
    for name in (
        "CreditUsed",
        "CreditUseRefused",
        "CreditRestored",
        "CreditRemoved",
        "CreditRemovalRefused",
        "CreditGrantPostponed",
        "VoucherRemoved",
        "VoucherRemovalRefused",
        "PackRemoved",
        "PackRemovalRefused",
        "VoucherRedeemed",
        "VoucherRedemptionRefused",
        "VoucherRestored",
    )
]
"""The events of credits that answer a request of a contract, or say what it got back."""

_ANSWERED = (
    "refused_uses",
    "refused_removals",
    "postponed_grants",
    "refused_redemptions",
    "refused_voucher_removals",
    "refused_pack_removals",
)
"""What credits keeps of the answers that move nothing."""

_OF_PAYMENTS = (
    "schedules",
    "methods",
    "calendars",
    "invoices",
    "invoice settings",
    "sepa settings",
    "mandates",
    "remittances",
    "sendings",
    "account reminders",
    "reminder calendars",
    "books",
)
"""The states of payments that have a journal."""

_SOME = {"$type": "string"}

Check = Callable[[str, Side], None]


@dataclass(frozen=True)
class Walks:
    """All walks over one suite's data, with one report."""

    databases: Databases
    following: Following
    report: Report
    book: Book | None = None
    """What the sandbox did; None if that is not checked."""

    @cached_property
    def numbers(self) -> Numbers:
        """The numbers of the invoices that were read."""
        return Numbers(self.report)

    async def all(self) -> None:
        """Check everything; records that are then left over on the topics belong to no journal."""
        await self._catalog()
        await self._contracts()
        await self._provider()
        await self._credits()
        await self._notifications()
        await self._parked()
        check_answered(await all_waiting(self.databases.by_service), self.report)
        await check_views(self.databases.by_service, COLLECTIONS, self.report)
        for name, reading in self.following.readings.items():
            for aggregate, there in reading.aggregates.items():
                self.report.find(
                    "EVT",
                    f"{name} {aggregate}",
                    "records that no journal has",
                    expected="none",
                    found=f"sequences {sorted(there.records)[:10]}",
                )

    async def _walk(self, streams: Mapping[str, AsyncIterator[Group]], check: Check) -> None:
        async for aggregate, side in side_by_side(streams):
            with _readable(aggregate, self.report):
                check(aggregate, side)

    def _journal(self, service: str, key: str = "aggregate", query: Document | None = None) -> AsyncIterator[Group]:
        return grouped(self.databases[service], ROWS, key, query=query, then="sequence", leave_out=_UNCHECKED)

    def _kept(
        self, service: str, collection: str, key: str = "_id", then: str | None = None, query: Document | None = None
    ) -> AsyncIterator[Group]:
        return grouped(self.databases[service], collection, key, query=query, then=then)

    def _mails(self, key: str, kinds: Document) -> AsyncIterator[Group]:
        return grouped(self.databases["notifications"], "mails", key, query={"kind": kinds})

    def _marks(self, *topics: str) -> dict[str, AsyncIterator[Group]]:
        """The marks of each follower of these topics, by aggregate."""
        return {
            mark_stream(follower, topic): _by_aggregate(self.databases, follower, topic)
            for topic in topics
            for follower in self.following.followers.get(topic, ())
        }

    def _common(
        self, service: str, aggregate: str, rows: Sequence[Document], state: Document | None, side: Side
    ) -> None:
        """The checks of every aggregate: its journal, its topic, the marks of the services that follow it."""
        with _readable(aggregate, self.report):
            check_journal(service, aggregate, rows, state, self.report)
            check_published(service, aggregate, rows, self.following, self.report)
            check_marks(service, aggregate, rows, side, following=self.following, report=self.report)

    @property
    def _copies(self) -> dict[str, tuple[str, str]]:
        """The copies of organisations and products to compare, by the name of the stream: service, collection."""
        return {
            f"{service}.{kind}": (service, kind)
            for kind in ("organisations", "products")
            for service in self.following.followers.get(f"catalog.{kind}", ())
        }

    async def _catalog(self) -> None:
        streams = {
            "journal": self._journal("catalog"),
            "organisations": self._kept("catalog", "organisations"),
            "products": self._kept("catalog", "products"),
            **{name: self._kept(*place) for name, place in self._copies.items()},
            **self._marks("catalog.organisations", "catalog.products"),
        }
        await self._walk(streams, self._of_catalog)

    def _of_catalog(self, aggregate: str, side: Side) -> None:
        rows = side["journal"]
        state = _one(side["organisations"]) or _one(side["products"])
        self._common("catalog", aggregate, rows, state, side)
        for document in side["organisations"]:
            states.check_state("catalog.organisations", "ORG-5", document, rows, self.report)
        for document in side["products"]:
            states.check_state("catalog.products", "CAT-4", document, rows, self.report)
        for name in self._copies:
            for document in side[name]:
                states.check_copy(name, document, rows, self.report)

    async def _contracts(self) -> None:
        """Contracts, accounts and accesses, with what payments, credits and notifications keep of each contract."""
        organisations = await self.databases["contracts"]["organisations"].find().to_list(None)
        accesses = Accesses(self.report, organisations)
        streams = {
            "journal": self._journal("contracts"),
            "contracts": self._kept("contracts", "contracts"),
            "accounts": self._kept("contracts", "accounts"),
            "accesses": self._kept("contracts", "accesses"),
            "known schedules": self._kept("contracts", "schedules"),
            "payments journal": self._journal("payments"),
            "schedules": self._kept("payments", "schedules"),
            "payments": self._kept("payments", "payments", "contract"),
            "settlements": self._kept("payments", "settlements", "contract"),
            "reversals": self._kept("payments", "reversals", "contract"),
            "orders": self._kept("payments", "orders", "contract"),
            "requests": self._kept("payments", "use_requests", "contract"),
            "waiting": self._kept("payments", "schedules", "account", query={"instalments.waits_for_method": True}),
            "follow-ups": self._kept("payments", "follow_ups"),
            "methods": self._kept("payments", "payment_methods"),
            "calendars": self._kept("payments", "collection_calendars"),
            "invoice settings": self._kept("payments", "invoice_settings"),
            "sepa settings": self._kept("payments", "sepa_settings"),
            "mandates": self._kept("payments", "sepa_mandates"),
            "remittances": self._kept("payments", "sepa_remittances"),
            "remitted": self._kept("payments", "orders", "remittance", query={"remittance": _SOME}),
            "books": self._kept("payments", "books"),
            "invoices": self._kept("payments", "invoices"),
            "papers": self._kept("payments", "invoice_papers"),
            "of contract": self._kept("payments", "invoices", "contract"),
            "credits": self._kept("credits", "credits", "contract", query={"contract": _SOME}),
            "vouchers": self._kept("credits", "vouchers", "contract"),
            "packs": self._kept("credits", "packs", "contract"),
            "known packs": self._kept("contracts", "packs", "contract"),
            "selling": self._kept("credits", "selling_contracts"),
            "answers": self._journal("credits", "data.contract", {"type": {"$in": _ANSWERS}, "data.contract": _SOME}),
            "mails": self._mails("content.contract", {"$nin": mails.KINDS_OF_OTHERS}),
            "sendings": self._kept("payments", "statement_sendings"),
            "statement mails": self._mails("content.statement", {"$in": mails.STATEMENT_KINDS}),
            "account reminders": self._kept("payments", "account_reminders"),
            "reminder calendars": self._kept("payments", "reminder_calendars"),
            "reminders": self._kept("payments", "reminders", "reminders"),
            "reminder mails": self._mails("content.reminders", {"$in": mails.REMINDER_KINDS}),
            "invoice mails": self._mails("content.invoice", {"$in": mails.INVOICE_KINDS}),
            **self._marks("contracts.contracts", "contracts.accounts", "contracts.access", "payments.schedules"),
        }
        await self._walk(streams, partial(self._of_contracts, accesses))
        accesses.end()
        self.numbers.end(await self.databases["payments"]["invoice_series"].find().to_list(None))

    def _of_contracts(self, accesses: Accesses, aggregate: str, side: Side) -> None:
        rows, payments_rows = side["journal"], side["payments journal"]
        state = _one(side["contracts"]) or _one(side["accounts"]) or _one(side["accesses"])
        theirs_states = (side[name] for name in _OF_PAYMENTS)
        theirs_state = next((one for found in theirs_states if (one := _one(found))), None)
        ours, theirs = _parted(side, "payments.schedules")
        self._common("contracts", aggregate, rows, state, ours)
        self._common("payments", aggregate, payments_rows, theirs_state, theirs)
        for account in side["accounts"]:
            states.check_account(account, rows, self.report)
            accesses.erases(account)
        for access in side["accesses"]:
            accesses.check(access, rows)
            return
        self._of_organisations(side, payments_rows)
        for invoice in side["invoices"]:
            agreed.check_paper(invoice, payments_rows, _one(side["papers"]), self.report)
            self.numbers.add(invoice)
        if self._was_mailed(aggregate, side):
            return
        of_account = side["accounts"] or (rows and rows[0]["topic"] == "contracts.accounts")
        if not of_account and collection.is_about_a_contract(payments_rows):
            self._of_contract(aggregate, side, accesses)

    def _was_mailed(self, aggregate: str, side: Side) -> bool:
        """Whether it is a statement, an invoice or the reminders of an account, whose mails are then checked."""
        rows = side["payments journal"]
        if side["account reminders"] or side["reminders"] or side["reminder mails"]:
            reminders.check_reminders(aggregate, rows, side["reminders"], self.report)
            due = list(mails.reminder_dues(rows))
            mails.check_mails(f"reminders {aggregate}", due, side["reminder mails"], self.report)
            return True
        due = list(mails.invoice_dues(rows))
        if side["sendings"] or side["statement mails"]:
            mails.check_mails(f"statement {aggregate}", due, side["statement mails"], self.report)
            return True
        if side["invoices"] or side["invoice mails"]:
            mails.check_mails(f"invoice {aggregate}", due, side["invoice mails"], self.report)
            return True
        return False

    def _of_organisations(self, side: Side, rows: Sequence[Document]) -> None:
        """What payments keeps of an account or an organisation, and of its direct debits."""
        for methods in side["methods"]:
            collection.check_methods(methods, rows, self.report)
            collection.check_waiting(methods, side["waiting"], self.report)
        for calendar in side["calendars"]:
            collection.check_calendar(calendar, rows, self.report)
        remittances.check_remittance(_one(side["remittances"]), side["remitted"], rows, self.report)
        for mandate in side["mandates"]:
            remittances.check_mandate(mandate, rows, self.report)
        for books in side["books"]:
            booked.check_closings(books, rows, self.report)

    def _of_contract(self, contract: str, side: Side, accesses: Accesses) -> None:
        report = self.report
        replayed = replay_contract(contract, side["journal"], report)
        accesses.sells(replayed)
        accesses.withholds(_one(side["contracts"]), _one(side["known schedules"]))
        schedule = replay_schedule(replayed, side["payments journal"], report)
        for document in side["contracts"]:
            check_contract(replayed, document, report)
            check_subscription(document, _one(side["schedules"]), report)
        self._of_schedule(replayed, schedule, side)
        agreed.check_invoices(
            _one(side["contracts"]), _one(side["schedules"]), side["of contract"], side["payments journal"], report
        )
        ledger = schedule.ledger
        unsold = balances.check_sold(replayed, schedule, side["credits"], report)
        account = (replayed.opened or {}).get("account", "")
        for document in side["selling"]:
            balances.check_suspended(schedule, document, report)
        uses.check_converted(contract, account, ledger, unsold, report)
        uses.check_uses(contract, ledger, side["answers"], report)
        removals.check_removals(contract, replayed.removals, side["answers"], report)
        vouchers.check_sold(replayed, schedule, side["vouchers"], report)
        packs.check_sold(replayed, schedule, side["packs"], report)
        packs.check_known(side["packs"], side["known packs"], report)
        vouchers.check_redemptions(replayed, side["answers"], report)
        due = list(mails.dues(replayed, schedule, side["journal"], side["payments journal"]))
        mails.check_mails(f"contract {contract}", due, side["mails"], report)
        moved = [mail for mail in side["mails"] if mail["kind"] == mails.MOVED]
        mails.check_moves(f"contract {contract}", side["payments journal"], moved, report)

    def _of_schedule(self, contract: ReplayedContract, schedule: ReplayedSchedule, side: Side) -> None:
        """What payments keeps of a contract."""
        report, ledger = self.report, schedule.ledger
        payments, settlements = side["payments"], side["settlements"]
        for document in side["schedules"]:
            documents.check_schedule(contract, schedule, document, report)
            explained.check_explained(side["payments journal"], document, report)
            stated.check_stated(side["payments journal"], document, report)
            documents.check_paid(document, payments, settlements, report)
            matched.check_matched(document, payments, side["of contract"], side["payments journal"], report)
            booked.check_booked(document, side["payments journal"], payments, side["of contract"], report)
            documents.check_follow_up(document, _one(side["follow-ups"]), report)
            collection.check_found_by(document, report)
        documents.check_payments(schedule, payments, report)
        documents.check_known(schedule, contract.id, _one(side["known schedules"]), report)
        outgoing.check_settlements(ledger, settlements, report)
        outgoing.check_reversals(contract.id, ledger, side["reversals"], report)
        orders.check_orders(ledger, side["orders"], payments, settlements, report)
        uses.check_requests(ledger, side["requests"], report)

    async def _provider(self) -> None:
        """The sandbox's book, if its address is known."""
        of_provider = {"provider": provider_book.PROVIDER}
        if self.book is None:
            if count := await self.databases["payments"]["orders"].count_documents(of_provider):
                self.report.notes.append(
                    f"{count} orders to the {provider_book.PROVIDER} were not held against its book: its address is "
                    "not known. Give it as --sandbox, or in CARNET_SANDBOX_URL."
                )
            return
        organisations = await self.databases["catalog"]["organisations"].distinct("_id")
        comparison = provider_book.Comparison(self.book, frozenset(organisations), self.report)
        streams = {
            "orders": self._kept("payments", "orders", query=of_provider),
            "reversals": self._kept("payments", "reversals", "payment"),
        }

        def check(_: str, side: Side) -> None:
            for order in side["orders"]:
                comparison.check(order, side["reversals"])

        await self._walk(streams, check)
        comparison.end()

    async def _credits(self) -> None:
        streams = {
            "journal": self._journal("credits"),
            "credits": self._kept("credits", "credits"),
            "entries": self._kept("credits", "entries", "credit", then="version"),
            "known": self._kept("payments", "known_credits"),
            "moves": self._kept("payments", "credit_moves", "credit"),
            "refused uses": self._kept("credits", "refused_uses"),
            "refused removals": self._kept("credits", "refused_removals"),
            "postponed grants": self._kept("credits", "postponed_grants"),
            "mails": self._mails("content.credit", {"$in": mails.CREDIT_KINDS}),
            "vouchers": self._kept("credits", "vouchers"),
            "codes": self._kept("credits", "codes", "voucher"),
            "covered lines": self._kept("credits", "covered_lines", "voucher"),
            "refused redemptions": self._kept("credits", "refused_redemptions"),
            "refused voucher removals": self._kept("credits", "refused_voucher_removals"),
            "refused pack removals": self._kept("credits", "refused_pack_removals"),
            "packs": self._kept("credits", "packs"),
            "session uses": self._kept("credits", "session_uses", "pack"),
            "pack entries": self._kept("credits", "pack_entries", "pack", then="version"),
            "voucher mails": self._mails("content.voucher", {"$in": mails.VOUCHER_KINDS}),
            **self._marks("credits.credits"),
        }
        await self._walk(streams, self._of_credits)

    def _of_credits(self, aggregate: str, side: Side) -> None:
        rows, credit = side["journal"], _one(side["credits"])
        voucher, pack = _one(side["vouchers"]), _one(side["packs"])
        answers = {name: found for name in _ANSWERED if (found := _one(side[name.replace("_", " ")])) is not None}
        self._common("credits", aggregate, rows, credit or voucher or pack or next(iter(answers.values()), None), side)
        for name, answer in answers.items():
            balances.check_refused(name, answer, rows, self.report)
        if voucher is not None:
            codes = len(side["codes"])
            vouchers.check_voucher(rows, voucher, codes, side["covered lines"], self.report)
        if pack is not None:
            packs.check_pack(rows, pack, side["pack entries"], self.report)
            packs.check_uses(rows, pack, side["session uses"], self.report)
        dues = list(mails.voucher_dues(rows))
        mails.check_mails(f"voucher {aggregate}", dues, side["voucher mails"], self.report)
        booked.check_moves(aggregate, rows, side["moves"], self.report)
        balances.check_known(aggregate, rows, _one(side["known"]), self.report)
        if credit is not None:
            balances.check_credit(aggregate, rows, credit, side["entries"], self.report)
            balances.check_code(rows, credit, len(side["codes"]), self.report)
        elif side["entries"]:
            where = f"credits.entries {aggregate}"
            self.report.find("CRE-7", where, "the credit of these entries", expected="one", found=None)
        mails.check_mails(f"credit {aggregate}", list(mails.credit_dues(rows)), side["mails"], self.report)

    async def _notifications(self) -> None:
        streams = {
            "journal": self._journal("notifications"),
            "mails": self._kept("notifications", "mails"),
            "templates": self._kept("notifications", "templates"),
            **self._marks("notifications.messages"),
        }
        await self._walk(streams, self._of_notifications)

    def _of_notifications(self, aggregate: str, side: Side) -> None:
        rows = side["journal"]
        self._common("notifications", aggregate, rows, _one(side["mails"]) or _one(side["templates"]), side)
        for mail in side["mails"]:
            mails.check_sending(mail, rows, self.report)
        for template in side["templates"]:
            mails.check_template(template, rows, self.report)

    async def _parked(self) -> None:
        """A parked record is a finding; discarded ones are noted, since they may explain others."""
        for service, database in self.databases.by_service.items():
            async for parked in database["parked"].find({}, {"value": 0, "headers": 0}):
                place = f"{service}.parked {parked['_id']}"
                what = f"{parked['topic']} {parked['aggregate']} sequence {parked['sequence']}"
                self.report.find("EVT", place, what, expected="applied", found=f"parked: {parked['reason']}")
            if discarded := await database["discarded"].count_documents({}):
                self.report.notes.append(
                    f"{service} has discarded {discarded} records; their effects are missing in its documents."
                )


async def _by_aggregate(databases: Databases, follower: str, topic: str) -> AsyncIterator[Group]:
    prefix = f"{topic}:"
    # ";" comes right after ":", so that the range holds the marks of this topic.
    query = {"_id": {"$gte": prefix, "$lt": f"{topic};"}}
    async for name, marks in grouped(databases[follower], "marks", "_id", query=query):
        yield name.removeprefix(prefix), marks


@contextmanager
def _readable(aggregate: str, report: Report) -> Iterator[None]:
    """A malformed document is a finding; the checks of the others go on."""
    try:
        yield
    except _MALFORMED as error:
        found = f"{type(error).__name__}: {error}"
        report.find("ORG-4", aggregate, "its documents and journal", expected="whole and of their shape", found=found)


def _one(documents: Sequence[Document]) -> Document | None:
    return documents[0] if documents else None


def _parted(side: Side, topic: str) -> tuple[Side, Side]:
    """The same side twice: without the marks of ``topic``, and with no others."""
    ours = {name: group for name, group in side.items() if not name.endswith(f" {topic}")}
    theirs = {name: group for name, group in side.items() if name.endswith(f" {topic}") or name[:6] != "marks "}
    return ours, theirs
