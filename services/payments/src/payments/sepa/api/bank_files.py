"""Files of the bank: sent by a person of the school, applied by a job, with a report that stays (PAY-18)."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Annotated, Literal, Self

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from carnet.dates import Instant
from carnet.decisions import Context
from carnet.http import Body, Page, PageAsked, Reply, router
from carnet.ids import Id
from carnet.jobs import JOBS, Job, start_job
from carnet.jobs import Status as JobStatus
from carnet.money import Money
from carnet.mongo import Unit
from carnet.refusals import conflict, invalid, unknown
from carnet.texts import Line
from carnet.tolerance import Tolerant
from payments.access import Demands, StaffReads
from payments.accounts.domain import Account
from payments.accounts.store import ACCOUNTS
from payments.schedules.store import SCHEDULES
from payments.sepa.api.access import Keys, needed, opened
from payments.sepa.applying import APPLYING
from payments.sepa.domain.bank_files import BankFile, Given, Known, receive
from payments.sepa.domain.bank_lines import BankMessage, Kind, Part
from payments.sepa.domain.bank_outcomes import BankLine, Outcome
from payments.sepa.reading import read_message, unpacked
from payments.sepa.store.bank_files import (
    BANK_FILES,
    keep_lines,
    known_to,
    lines_of,
    outcomes_of,
    same_file,
)
from payments.sepa.store.files import file_of, files_of
from payments.sepa.store.mandates import sepa_settings_in
from payments.sepa.vault import Vault

routes = router(tags=["direct debits"])


class BankFileBody(Body):
    """A file that was downloaded from the bank, as it is."""

    name: Line = Field(description="What the file is called.")
    content: Annotated[str, Field(min_length=1, max_length=250_000)] = Field(
        description="The file in base64: pain.002, camt.053 or camt.054, of 2 MB at most. One that would be too long "
        "is compressed by gzip first."
    )


class BankFileView(Tolerant):
    """A file of the bank that was read, and what its lines came to."""

    id: str
    name: str = Field(description="What the file was called.")
    kind: Kind
    message: str | None = Field(description="The bank's own id of it.")
    accounts: list[str] = Field(description="The last characters of the IBANs whose statements were read.")
    skipped: list[str] = Field(description="Those of accounts that are not credited here: their statements were left.")
    read_at: Instant
    read_by: str
    read_before: str | None = Field(description="The file with the same content that was read before.")
    job: str | None = Field(description="The job that applies its lines.")
    status: JobStatus = Field(description="How far that job is; `done` once every line was dealt with.")
    lines: int = Field(description="How many lines it has.")
    outcomes: dict[str, int] = Field(description="How many lines came to what, by the outcomes of lines.")

    @classmethod
    def of(cls, file: BankFile, job: Job | None, outcomes: Mapping[str, int]) -> Self:
        """A file as it was read, and as it is applied."""
        shown = file.model_dump(include=set(cls.model_fields) - {"status", "outcomes"})
        return cls(**shown, status=job.status if job else "done", outcomes=dict(outcomes))


class BankLineView(Tolerant):
    """A line of a bank's file, and what it came to."""

    number: int = Field(description="Which entry of the file it is, from 1.")
    part: Part = Field(description="What the bank says: money came, money left, an instruction was rejected, ...")
    outcome: Outcome = Field(description="What was done, or why it is left.")
    attempt: str | None = Field(
        description="The debit or refund that it is about: an id, and in the file the end-to-end id."
    )
    remittance: str | None = Field(description="The remittance that the debit is in.")
    refund_file: str | None = Field(description="Of a refund: the file of transfers that it is in.")
    contract: str | None
    contract_number: str | None = Field(description="The contract's number for people.")
    account: str | None
    owner: str | None = Field(description="The name of the account's owner; null once erased.")
    amount: Money | None = Field(description="Null where the bank names none, or not in euros.")
    on: date | None = Field(description="The day on which the bank booked it.")
    code: str | None = Field(description="The bank's code of why it was rejected or came back: AM04.")
    reference: str | None = Field(description="The bank's own reference.")

    @classmethod
    def of(cls, line: BankLine, account: Account | None, number: str | None) -> Self:
        """A line, with the names of its account and the number of its contract."""
        return cls(
            contract_number=number,
            owner=account.names.owner if account else None,
            amount=Money(amount=line.amount, currency="EUR") if line.amount is not None else None,
            **line.model_dump(include=set(cls.model_fields) - {"contract_number", "owner", "amount"}),
        )


@routes.post("/bank-files", status_code=201, response_model=BankFileView)
async def read_bank_file(body: BankFileBody, command: Demands, keys: Keys) -> Response:
    """Read what became of direct debits and refunds from a file of the bank, and apply it by a job, each once.

    What the file says of a debit or of a refund is applied once, however many files say it and in whichever order.
    Lines about anything else are reported and left. A file that can't be read changes nothing.
    """
    vault = needed(keys)
    content, message = await asyncio.to_thread(_read, body.content)

    async def work(unit: Unit, context: Context) -> Reply:
        known = await known_to(unit, message.lines)
        ours = await _ours(unit, vault, message, known)
        digest = sha256(content).hexdigest()
        given = Given(command.organisation, ours, body.name, digest, await same_file(unit, digest))
        id_ = context.new_id()
        decision, lines = receive(id_, message, given, known, context)
        job = start_job(APPLYING, {"file": id_}, command.organisation, context)
        keep_lines(unit, lines)
        unit.put(JOBS, job)
        decision = type(decision)(decision.state.model_copy(update={"job": job.id}), decision.events)
        await unit.load(BANK_FILES, [id_])
        saved = unit.decide(BANK_FILES, decision, context)
        outcomes = Counter[str](line.outcome for line in lines)
        return Reply(BankFileView.of(saved, job, outcomes), saved.version, f"/v1/bank-files/{id_}")

    return await command.run(work, status=201)


@routes.get("/bank-files")
async def list_bank_files(call: StaffReads, page: PageAsked) -> Page[BankFileView]:
    """The files of the bank that were read, the newest first."""
    before = page.after(str)
    found = await files_of(
        call.database, BANK_FILES, call.organisation, before=before[0] if before else None, limit=page.fetch
    )
    outcomes = await outcomes_of(call.database, call.organisation, [each.id for each in found])

    async def work(unit: Unit, _: Context) -> Page[BankFileView]:
        await unit.load(JOBS, [each.job for each in found if each.job])
        return page.of(
            found,
            place=lambda each: (each.id,),
            show=lambda each: BankFileView.of(each, unit.get(JOBS, each.job) if each.job else None, outcomes[each.id]),
        )

    return await call.preview(work)


@routes.get("/bank-files/{bank_file}", response_model=BankFileView)
async def show_bank_file(bank_file: Id, call: StaffReads) -> Response:
    """A file of the bank that was read, and what its lines came to."""
    found = await file_of(call.database, BANK_FILES, call.organisation, bank_file)
    if found is None:
        raise unknown("bank file", bank_file)
    outcomes = await outcomes_of(call.database, call.organisation, [bank_file])

    async def work(unit: Unit, _: Context) -> BankFileView:
        await unit.load(JOBS, [found.job] if found.job else [])
        return BankFileView.of(found, unit.get(JOBS, found.job) if found.job else None, outcomes[bank_file])

    return call.show(await call.preview(work), version=found.version)


Left = Annotated[
    Literal["true", "false"] | None,
    Query(description="`true`: only what is left to staff; `false`: only the others; both where it is left out."),
]


@routes.get("/bank-files/{bank_file}/lines")
async def list_bank_lines(bank_file: Id, call: StaffReads, page: PageAsked, left: Left = None) -> Page[BankLineView]:
    """The lines of a bank's file in the order in which they are applied: what comes back first, then what came."""
    if await file_of(call.database, BANK_FILES, call.organisation, bank_file) is None:
        raise unknown("bank file", bank_file)
    after = page.after(str)
    found = await lines_of(
        call.database,
        call.organisation,
        bank_file,
        left=None if left is None else left == "true",
        after=after[0] if after else None,
        limit=page.fetch,
    )

    async def work(unit: Unit, _: Context) -> Page[BankLineView]:
        shown = await _shown(unit, found)
        return page.of(found, place=lambda each: (each.id,), show=lambda each: shown[each.id])

    return await call.preview(work)


async def _shown(unit: Unit, lines: Sequence[BankLine]) -> Mapping[str, BankLineView]:
    """Lines by their ids, with the names of their accounts and the numbers of their contracts, by a query each."""
    await unit.load(ACCOUNTS, sorted({each.account for each in lines if each.account}))
    await unit.load(SCHEDULES, sorted({each.contract for each in lines if each.contract}))
    views = {}
    for line in lines:
        account = unit.get(ACCOUNTS, line.account) if line.account else None
        schedule = unit.get(SCHEDULES, line.contract) if line.contract else None
        views[line.id] = BankLineView.of(line, account, schedule.number if schedule else None)
    return views


def _read(content: str) -> tuple[bytes, BankMessage]:
    """A file that was sent, unpacked, and what it says."""
    file = unpacked(content)
    return file, read_message(file)


async def _ours(unit: Unit, vault: Vault, message: BankMessage, known: Known) -> frozenset[str]:
    """The IBANs in the file that direct debits are credited to. Raises ``bank-file-other-account`` where none is."""
    settings = await sepa_settings_in(unit, unit.organisation)
    sealed = {settings.given.sealed_iban} | {each.creditor.sealed_iban for each in known.remittances.values()}
    sealed |= {each.creditor.sealed_iban for each in known.refund_files.values()}
    credited = {opened(vault, settings.id, each) for each in sealed}
    ours = frozenset(each for each in message.accounts if each in credited)
    if ours or message.kind == "pain.002" or not message.lines:
        return ours
    if not message.accounts:
        raise invalid(
            "bank-file-without-account",
            "The file does not say by an IBAN whose account it is of: nothing was done. Ask the bank for statements "
            "that name the account by its IBAN.",
            rule="PAY-18",
            field="content",
        )
    raise conflict(
        "bank-file-other-account",
        f"The file is of the account that ends in {message.accounts[0][-4:]}, and direct debits are credited to "
        f"{', '.join(sorted(each[-4:] for each in credited))}: nothing was done. Choose the file of that account.",
        rule="PAY-18",
        found=message.accounts[0][-4:],
        expected=sorted(each[-4:] for each in credited),
    )
