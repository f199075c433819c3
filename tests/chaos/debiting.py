"""Families that are debited by files for a bank, and what must be true of them at the end (PAY-18)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from carnet.events.contracts import AtOnce
from carnet.ids import new_id
from carnet.mongo import Unit, transact
from carnet_sandbox.bank import CASES
from carnet_sandbox.bank.answers import french_iban
from contracts.accounts.domain import OpenAccount, open_account
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.domain.changes import Opening, open_contract
from contracts.contracts.domain.products import Offer
from contracts.contracts.store import CONTRACTS
from payments.payment_methods.domain import PaymentMethods, add_method
from payments.payment_methods.store import PAYMENT_METHODS
from payments.schedules.store import SCHEDULES
from payments.sepa.domain.mandates import BankAccount, GivenTo, Signature, sign
from payments.sepa.domain.settings import Creditor, SepaSettings, change_sepa_settings, sepa_settings_id
from payments.sepa.store.mandates import MANDATES, SEPA_SETTINGS
from payments.sepa.store.remittances import REMITTANCES
from payments.sepa.vault import Vault
from tests.chaos.clerks import Clerks
from tests.chaos.collecting import AT_ONCE, comes_to_nothing
from tests.chaos.load import Load, steadily
from tests.integration.verify.plot import CURRENCY

KEY = "Y2FybmV0LWNoYW9zLWNhcm5ldC1jaGFvcy1jYXJuZXQ="
OURS = french_iban(900)
CREDITOR = "FR72ZZZ123456"
SPOILED = 3
"""One family in so many has an account with which something happens."""


@dataclass(frozen=True)
class Sold:
    """A contract and the mandate of its family."""

    contract: str
    reference: str
    iban: str

    @property
    def fine(self) -> bool:
        """Whether its debit succeeds and stays."""
        return self.iban not in CASES or self.comes_back

    @property
    def comes_back(self) -> bool:
        """Whether a refund by transfer to it comes back."""
        return self.iban in CASES and CASES[self.iban].what == "returned"


class Debited:
    """Families with a contract each that is due at once, and a mandate, on the load's school."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._world = load.world
        self._vault = Vault(KEY)
        self.sold: list[Sold] = []

    async def prepare(self) -> None:
        """The school has an account that debits are credited to."""
        settings = sepa_settings_id(self._world.organisation)
        creditor = Creditor(
            name="Pas de Deux",
            identifier=CREDITOR,
            sealed_iban=self._vault.seal(settings, OURS),
            iban_ending=OURS[-4:],
        )
        await self._world.decide(
            "payments",
            SEPA_SETTINGS,
            settings,
            lambda *_: change_sepa_settings(SepaSettings.none_of(self._world.organisation), creditor, 2, 14),
        )

    async def sell(self, count: int) -> None:
        """So many more contracts; payments has their schedules when it returns."""
        for first in range(0, count, AT_ONCE):
            families = [(new_id(), len(self.sold) + place) for place in range(min(AT_ONCE, count - first))]
            mandates = await self._in("payments", partial(self._mandates, families=families))
            contracts = await self._in("contracts", partial(self._contracts, families=families))
            self.sold += [Sold(contract, *mandate) for contract, mandate in zip(contracts, mandates, strict=True)]
        await comes_to_nothing(self._without_schedule)

    async def _in(self, service: str, work: Any) -> Any:
        return await steadily(lambda: transact(self._world.databases[service], work))

    async def _mandates(self, unit: Unit, families: Sequence[tuple[str, int]]) -> list[tuple[str, str]]:
        made = []
        for account, number in families:
            context, mandate = self._world.context(), new_id()
            spoiled = list(CASES)[number // SPOILED % len(CASES)]
            iban = french_iban(1_000 + number) if number % SPOILED else spoiled
            debited = BankAccount("Inès", self._vault.seal(mandate, iban), iban[-4:])
            given_to = GivenTo(self._world.organisation, account, CREDITOR)
            signed = sign(mandate, given_to, debited, Signature(context.today, None, "paper"), context)
            methods = PaymentMethods(id=account, organisation=self._world.organisation)
            unit.decide(PAYMENT_METHODS, add_method(methods, signed.method, prefer=True), context)
            made.append((unit.decide(MANDATES, signed.decision, context).reference, iban))
        return made

    async def _contracts(self, unit: Unit, families: Sequence[tuple[str, int]]) -> list[str]:
        opened = []
        for account, number in families:
            owner = {"kind": "adult", "first_name": "Inès", "last_name": str(number), "email": f"f{number}@a.example"}
            command = OpenAccount.model_validate({"language": "fr", "owner": owner})
            context = self._world.context()
            family = unit.decide(ACCOUNTS, open_account(command, account, self._world.organisation, context), context)
            opening = Opening("online", AtOnce(), CURRENCY, (self._load.addition("ballet"),))
            contract = open_contract(opening, Offer(self._load.offered, family), context)
            opened.append(unit.decide(CONTRACTS, contract, context).id)
        return opened

    async def _without_schedule(self) -> dict[str, int]:
        made = await self._world.databases["payments"][SCHEDULES.name].count_documents({})
        return {"contracts without a schedule": len(self.sold) - made}


async def hold(debited: Debited, clerks: Clerks, databases: Mapping[str, Any]) -> None:
    """Each family was debited by one file, once, and has paid what its bank has paid and not taken back."""
    payments = databases["payments"]
    sent = Counter(debit.mandate for order in clerks.at_the_bank for debit in order.debits)
    assert sent == Counter({each.reference: 1 for each in debited.sold}), "each is in one file that the bank has"
    kept = await payments[REMITTANCES.name].find().to_list(None)
    assert Counter(each["status"] for each in kept) == Counter(
        collected=len(clerks.at_the_bank), taken_back=clerks.taken_back
    )
    brought: dict[str, int] = {}
    amounts = {debit.mandate: debit.amount for order in clerks.at_the_bank for debit in order.debits}
    schedules = {each["_id"]: each async for each in payments[SCHEDULES.name].find()}
    for each in debited.sold:
        schedule = schedules[each.contract]
        cents = int(amounts[each.reference].replace(".", ""))
        assert cents == schedule["total"]
        brought[each.contract] = cents if each.fine else 0
    assert {id_: each["paid"] for id_, each in schedules.items()} == brought
    assert {id_ for id_, each in schedules.items() if each["attempts"]} == set(), "nothing is still under way"
    lines = await payments["sepa_file_lines"].find({"attempt": {"$ne": None}}).to_list(None)
    for outcome in ("paid", "refused", "reversed"):
        times = Counter(line["attempt"] for line in lines if line["outcome"] == outcome)
        assert set(times.values()) <= {1}, f"what the bank says is applied once: {outcome}"
