"""What contracts and payments keep, and what credits and notifications keep of each contract."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from carnet.mongo import Document
from carnet_operations.verify.books import booked
from carnet_operations.verify.contracts.access import Accesses
from carnet_operations.verify.contracts.documents import check_contract
from carnet_operations.verify.contracts.rebuilt import ReplayedContract
from carnet_operations.verify.contracts.replayed import replay_contract
from carnet_operations.verify.contracts.subscriptions import check_subscription
from carnet_operations.verify.credits import balances, packs, removals, scholarships, uses, vouchers
from carnet_operations.verify.informed import mails, reminders
from carnet_operations.verify.invoices import agreed, matched
from carnet_operations.verify.invoices.agreed import Numbers
from carnet_operations.verify.money import banked, orders, outgoing, refund_files, remittances
from carnet_operations.verify.published import states
from carnet_operations.verify.reading import Side
from carnet_operations.verify.schedules import collection, documents, explained, stated
from carnet_operations.verify.schedules.replayed import ReplayedSchedule, replay_schedule
from carnet_operations.verify.walks.walking import Walk, only

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
        "ScholarshipUsed",
        "ScholarshipUseRefused",
        "ScholarshipRestored",
    )
]
"""The events of credits that answer a request of a contract, or say what it got back."""

_OF_PAYMENTS = (
    "schedules",
    "methods",
    "calendars",
    "invoices",
    "invoice settings",
    "sepa settings",
    "mandates",
    "remittances",
    "refund files",
    "bank files",
    "bank deposits",
    "sendings",
    "invitations",
    "account reminders",
    "reminder calendars",
    "books",
)
"""The states of payments that have a journal."""

_SOME = {"$type": "string"}


@dataclass(frozen=True)
class ContractsWalk(Walk):
    """Contracts, schedules, accounts, accesses, invoices and what the bank is given."""

    @cached_property
    def numbers(self) -> Numbers:
        """The numbers of the invoices that were read."""
        return Numbers(self.report)

    async def go(self) -> None:
        """Contracts, accounts and accesses, with what payments, credits and notifications keep of each contract."""
        organisations = await self.databases["contracts"]["organisations"].find().to_list(None)
        accesses = Accesses(self.report, organisations)
        streams = {
            "journal": self.journal("contracts"),
            "contracts": self.kept("contracts", "contracts"),
            "accounts": self.kept("contracts", "accounts"),
            "accesses": self.kept("contracts", "accesses"),
            "imported families": self.kept("contracts", "imported_families"),
            "known schedules": self.kept("contracts", "schedules"),
            "payments journal": self.journal("payments"),
            "schedules": self.kept("payments", "schedules"),
            "payments": self.kept("payments", "payments", "contract"),
            "settlements": self.kept("payments", "settlements", "contract"),
            "reversals": self.kept("payments", "reversals", "contract"),
            "orders": self.kept("payments", "orders", "contract"),
            "requests": self.kept("payments", "use_requests", "contract"),
            "waiting": self.kept("payments", "schedules", "account", query={"instalments.waits_for_method": True}),
            "follow-ups": self.kept("payments", "follow_ups"),
            "methods": self.kept("payments", "payment_methods"),
            "calendars": self.kept("payments", "collection_calendars"),
            "invoice settings": self.kept("payments", "invoice_settings"),
            "sepa settings": self.kept("payments", "sepa_settings"),
            "mandates": self.kept("payments", "sepa_mandates"),
            "remittances": self.kept("payments", "sepa_remittances"),
            "remitted": self.kept("payments", "orders", "remittance", query={"remittance": _SOME}),
            "bank lines": self.kept("payments", "sepa_file_lines", "remittance", query={"remittance": _SOME}),
            "refund files": self.kept("payments", "sepa_refund_files"),
            "refunds by file": self.kept("payments", "orders", "refund_file", query={"refund_file": _SOME}),
            "bank lines of refunds": self.kept(
                "payments", "sepa_file_lines", "refund_file", query={"refund_file": _SOME}
            ),
            "bank files": self.kept("payments", "sepa_files"),
            "lines of file": self.kept("payments", "sepa_file_lines", "file"),
            "bank deposits": self.kept("payments", "bank_deposits"),
            "deposited": self.kept("payments", "takings", "bank_deposit", query={"bank_deposit": _SOME}),
            "takings": self.kept("payments", "takings", "contract", query={"contract": _SOME}),
            "books": self.kept("payments", "books"),
            "invoices": self.kept("payments", "invoices"),
            "papers": self.kept("payments", "invoice_papers"),
            "of contract": self.kept("payments", "invoices", "contract"),
            "credits": self.kept("credits", "credits", "contract", query={"contract": _SOME}),
            "vouchers": self.kept("credits", "vouchers", "contract"),
            "packs": self.kept("credits", "packs", "contract"),
            "known packs": self.kept("contracts", "packs", "contract"),
            "selling": self.kept("credits", "selling_contracts"),
            "answers": self.journal("credits", "data.contract", {"type": {"$in": _ANSWERS}, "data.contract": _SOME}),
            **self.mails(mails.ABOUT_OTHERS),
            "sendings": self.kept("payments", "statement_sendings"),
            "invitations": self.kept("payments", "sepa_invitations"),
            "account reminders": self.kept("payments", "account_reminders"),
            "reminder calendars": self.kept("payments", "reminder_calendars"),
            "reminders": self.kept("payments", "reminders", "reminders"),
            **self.marks("contracts.contracts", "contracts.accounts", "contracts.access", "payments.schedules"),
        }
        await self.walk(streams, partial(self._of_contracts, accesses))
        accesses.end()
        self.numbers.end(await self.databases["payments"]["invoice_series"].find().to_list(None))

    def _of_contracts(self, accesses: Accesses, aggregate: str, side: Side) -> None:
        rows, payments_rows = side["journal"], side["payments journal"]
        kinds = ("contracts", "accounts", "accesses", "imported families")
        state = next((one for kind in kinds if (one := only(side[kind]))), None)
        theirs_states = (side[name] for name in _OF_PAYMENTS)
        theirs_state = next((one for found in theirs_states if (one := only(found))), None)
        ours, theirs = _parted(side, "payments.schedules")
        self.common("contracts", aggregate, rows, state, ours)
        self.common("payments", aggregate, payments_rows, theirs_state, theirs)
        for account in side["accounts"]:
            states.check_account(account, rows, self.report)
            accesses.erases(account)
        for access in side["accesses"]:
            accesses.check(access, rows)
            return
        if side["imported families"]:
            return
        self._of_organisations(side, payments_rows)
        for invoice in side["invoices"]:
            agreed.check_paper(invoice, payments_rows, only(side["papers"]), self.report)
            self.numbers.add(invoice)
        if side["account reminders"] or side["reminders"]:
            reminders.check_reminders(aggregate, payments_rows, side["reminders"], self.report)
        of_account = side["accounts"] or (rows and rows[0]["topic"] == "contracts.accounts")
        theirs = {fact: side[mails.mail_stream(fact)] for fact in mails.ABOUT_OTHERS - {"contract"}}
        alone = side["sendings"] or side["invoices"] or side["account reminders"] or any(theirs.values())
        if not of_account and not alone and collection.is_about_a_contract(payments_rows):
            self._of_contract(aggregate, side, accesses)
            return
        found = mails.mails_beside(side, mails.ABOUT_OTHERS)
        mails.check_beside(aggregate, [*rows, *payments_rows], found, self.report)

    def _of_organisations(self, side: Side, rows: Sequence[Document]) -> None:
        """What payments keeps of an account or an organisation, and of its direct debits."""
        for methods in side["methods"]:
            collection.check_methods(methods, rows, self.report)
            collection.check_waiting(methods, side["waiting"], self.report)
        for calendar in side["calendars"]:
            collection.check_calendar(calendar, rows, self.report)
        remittances.check_remittance(only(side["remittances"]), side["remitted"], rows, self.report)
        remittances.check_answers(side["remitted"], side["bank lines"], self.report)
        refund_files.check_refund_file(only(side["refund files"]), side["refunds by file"], rows, self.report)
        remittances.check_answers(side["refunds by file"], side["bank lines of refunds"], self.report)
        for file in side["bank files"]:
            remittances.check_file(file, side["lines of file"], rows, self.report)
        for mandate in side["mandates"]:
            remittances.check_mandate(mandate, rows, self.report)
        banked.check_bank_deposit(only(side["bank deposits"]), side["deposited"], rows, self.report)
        for deposit in side["bank deposits"]:
            booked.check_deposited(deposit, rows, self.report)
        for books in side["books"]:
            booked.check_closings(books, rows, self.report)

    def _of_contract(self, contract: str, side: Side, accesses: Accesses) -> None:
        report = self.report
        replayed = replay_contract(contract, side["journal"], report)
        accesses.sells(replayed)
        accesses.withholds(only(side["contracts"]), only(side["known schedules"]))
        schedule = replay_schedule(replayed, side["payments journal"], report)
        for document in side["contracts"]:
            check_contract(replayed, document, report)
            check_subscription(document, only(side["schedules"]), report)
        self._of_schedule(replayed, schedule, side)
        agreed.check_invoices(
            only(side["contracts"]), only(side["schedules"]), side["of contract"], side["payments journal"], report
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
        scholarships.check_uses(replayed, side["answers"], report)
        due = list(mails.dues(replayed, schedule, side["journal"], side["payments journal"]))
        found = mails.mails_beside(side, mails.ABOUT_OTHERS)
        mails.check_mails(f"contract {contract}", due, found, report)
        moved = [mail for mail in found if mail["kind"] == mails.MOVED]
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
            documents.check_follow_up(document, only(side["follow-ups"]), report)
            collection.check_found_by(document, report)
        documents.check_payments(schedule, payments, report)
        banked.check_takings(payments, settlements, side["takings"], report)
        documents.check_known(schedule, contract.id, only(side["known schedules"]), report)
        outgoing.check_settlements(ledger, settlements, report)
        outgoing.check_reversals(contract.id, ledger, side["reversals"], report)
        orders.check_orders(ledger, side["orders"], payments, settlements, report)
        uses.check_requests(ledger, side["requests"], report)


def _parted(side: Side, topic: str) -> tuple[Side, Side]:
    """The same side twice: without the marks of ``topic``, and with no others."""
    ours = {name: group for name, group in side.items() if not name.endswith(f" {topic}")}
    theirs = {name: group for name, group in side.items() if name.endswith(f" {topic}") or name[:6] != "marks "}
    return ours, theirs
