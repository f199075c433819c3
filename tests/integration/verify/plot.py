"""A small school's season, made by the services' own decisions: enough of everything for every check to bite."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from carnet import journal
from carnet.dates import utc_now
from carnet.decisions import Context, Decision
from carnet.events.contracts import AtOnce, Instalments, OnSite
from carnet.ids import new_id
from carnet.mongo import Unit, transact
from catalog.domain.fields import WriteProduct
from catalog.domain.organisations import WriteOrganisation, write_organisation
from catalog.domain.products import draft_product, put_on_sale
from catalog.store import ORGANISATIONS
from catalog.store import PRODUCTS as CATALOG_PRODUCTS
from contracts.accounts.domain import OpenAccount, erase_account, open_account
from contracts.accounts.store import ACCOUNTS
from contracts.contracts.domain.changes import Change, Opening, cancel_contract, change_contract, open_contract
from contracts.contracts.domain.contracts import Contract
from contracts.contracts.domain.draft import Edit
from contracts.contracts.domain.pending import ask
from contracts.contracts.domain.products import Addition, Offer, Product
from contracts.contracts.store import CONTRACTS, PRODUCTS
from notifications.domain.mails import Delivery, accepted, refused
from notifications.domain.templates import Words, change_words, untouched
from notifications.store import MAILS, TEMPLATES
from payments.collection.domain.calendars import CollectionCalendar, ask_to_collect, change_calendar
from payments.collection.store.calendars import CALENDARS
from payments.payment_methods.domain import PaymentMethod, PaymentMethods, add_method, prefer_method, remove_method
from payments.payment_methods.store import PAYMENT_METHODS
from payments.receipts.domain.receiving import Received
from payments.receipts.store import PAYMENTS
from payments.schedules.domain.decisions import record_payment
from payments.schedules.store import SCHEDULES, save
from tests.integration.verify.world import World

CURRENCY = "EUR"


@dataclass
class Season:
    """What was made, by the name that the tests call it."""

    products: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)


class Plot:
    """Plays the season in a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.season = Season()
        self.offered: dict[str, Product] = {}
        self.owners: dict[str, str] = {}

    async def begin(self) -> None:
        """The school sells, and has families."""
        await self._school()
        await self._families()
        await self.world.settle()
        await self.know_products()

    async def know_products(self) -> None:
        """Offer what is on sale by now."""
        self.offered = {
            document["_id"]: PRODUCTS.read(document)
            for document in await self.world.databases["contracts"]["products"].find().to_list(None)
        }

    async def play(self, *more: Callable[[], Awaitable[None]]) -> Season:
        """The season, with what ``more`` plays in it before an account is erased and the mails go."""
        await self.begin()
        await self._instalments()
        await self._paid_in_full()
        await self._on_site()
        await self._collecting()
        await self._credit()
        await self._cancelled()
        for play in more:
            await play()
        await self._erased()
        await self.world.settle()
        await self._send_mails()
        await self.world.settle()
        return self.season

    async def _school(self) -> None:
        world = self.world
        profile = WriteOrganisation(
            name="École du Pas",
            currency=CURRENCY,
            time_zone="Europe/Paris",
            languages=("fr", "en"),
            support_email="aide@pas.example",
            mode="test",
        )
        await world.decide(
            "catalog",
            ORGANISATIONS,
            world.organisation,
            lambda before, _: write_organisation(before, profile, world.organisation),
        )
        await self.product("ballet", {"kind": "course"}, 30_000)
        await self.product("jazz", {"kind": "course"}, 24_000)
        await self.product("workshop", {"kind": "workshop"}, 6_000)
        await self.product("credit", {"kind": "client_credit", "value": 5_000}, 5_000)
        await self.product("discount", {"kind": "discount", "rate": 1_000}, None)

    async def product(
        self, name: str, details: Mapping[str, Any], price: int | None, *, participant: bool = False
    ) -> None:
        """A product of one format and tariff, on sale."""
        world, product = self.world, new_id()
        formats = [] if price is None else [{"name": "a year", "tariffs": [{"name": "full", "price": price}]}]
        command = WriteProduct.model_validate(
            {"name": name, "vat_rate": 2_000, "participant": participant, "formats": formats, "details": dict(details)}
        )
        named = {"_id": {"$in": list(details.get("products", ()))}}
        found = await world.databases["catalog"][CATALOG_PRODUCTS.name].find(named).to_list(None)
        loaded = {each["_id"]: CATALOG_PRODUCTS.read(each) for each in found}
        await world.decide(
            "catalog",
            CATALOG_PRODUCTS,
            None,
            lambda _, context: draft_product(command, loaded, product, world.organisation, context),
        )
        await world.decide("catalog", CATALOG_PRODUCTS, product, lambda before, _: put_on_sale(there(before)))
        self.season.products[name] = product

    async def _families(self) -> None:
        for name in ("martin", "petit", "moreau"):
            command = OpenAccount.model_validate(
                {
                    "language": "fr",
                    "owner": {"kind": "adult", "first_name": "Inès", "last_name": name, "email": f"{name}@a.example"},
                }
            )
            account = new_id()
            await self.world.decide(
                "contracts",
                ACCOUNTS,
                None,
                lambda _, context, id_=account, command=command: open_account(
                    command, id_, self.world.organisation, context
                ),
            )
            self.season.accounts[name] = account
            self.owners[name] = (await self.world.one("contracts", "accounts", {"_id": account}))["owner"]

    async def offer(self, account: str) -> Offer:
        """What an account can buy."""
        document = await self.world.one("contracts", "accounts", {"_id": self.season.accounts[account]})
        return Offer(self.offered, ACCOUNTS.read(document))

    def addition(self, name: str) -> Addition:
        product = self.offered[self.season.products[name]]
        return Addition(product.id, product.formats[0].id, product.formats[0].tariffs[0].id)

    async def open(self, name: str, account: str, sale: Any, *products: str, mode: Any = "online") -> Contract:
        offer = await self.offer(account)
        opening = Opening(mode, sale, CURRENCY, tuple(self.addition(each) for each in products))
        contract = await self.world.decide(
            "contracts", CONTRACTS, None, lambda _, context: open_contract(opening, offer, context)
        )
        self.season.contracts[name] = contract.id
        return contract

    async def change(self, name: str, account: str, change: Change) -> Contract:
        offer = await self.offer(account)
        return await self.world.decide(
            "contracts",
            CONTRACTS,
            self.season.contracts[name],
            lambda before, context: confirmed(there(before), change, offer, context),
        )

    async def pay(self, name: str, amount: int) -> None:
        contract = self.season.contracts[name]

        async def work(unit: Unit) -> None:
            await unit.load(SCHEDULES, [contract])
            schedule = there(unit.get(SCHEDULES, contract))
            context = self.world.context()
            payment = new_id()
            received = Received(amount, "card", context.today)
            unit.put(PAYMENTS, received.recorded(payment, schedule, context.now, "tester"))
            save(unit, record_payment(schedule, received, payment, context), context)

        await transact(self.world.databases["payments"], work)

    async def _instalments(self) -> None:
        """Lines come, are discounted, edited and go again."""
        opened = await self.open("instalments", "martin", Instalments(count=3), "ballet", "jazz")
        discount = self.season.products["discount"]
        await self.change("instalments", "martin", Change(add=(self.addition("workshop"),), discounts=(discount,)))
        contract = await self.change("instalments", "martin", Change(edit=(Edit(opened.lines[0].id, price=31_000),)))
        ballet, placed = contract.lines[0].id, contract.lines[-1].id
        await self.change("instalments", "martin", Change(cancel=(ballet, placed)))
        await self.change("instalments", "martin", Change(edit=(Edit(opened.lines[1].id, notes="left-handed"),)))
        await self.world.settle()
        await self.pay("instalments", 5_000)

    async def _paid_in_full(self) -> None:
        """A fall after everything is paid makes a refund line, a rise drops it."""
        await self.open("paid", "petit", AtOnce(), "jazz")
        await self.world.settle()
        await self.pay("paid", 24_000)
        await self.change("paid", "petit", Change(discounts=(self.season.products["discount"],)))
        await self.world.settle()

    async def _on_site(self) -> None:
        await self.open("on site", "moreau", OnSite(), "workshop", mode="on_site")
        await self.world.settle()
        await self.pay("on site", 2_000)

    async def _collecting(self) -> None:
        """A family with two payment methods, of which one goes again; the school collects at another hour."""
        world, account = self.world, self.season.accounts["petit"]
        first, second, third = new_id(), new_id(), new_id()
        for method, prefer in ((first, False), (second, True), (third, False)):
            added = PaymentMethod(
                id=method, provider="sandbox", kind="card", token=f"tok_{method}", label=None, added_at=utc_now()
            )
            await world.decide(
                "payments",
                PAYMENT_METHODS,
                account,
                lambda before, _, added=added, prefer=prefer: add_method(
                    before or PaymentMethods(id=account, organisation=world.organisation), added, prefer=prefer
                ),
            )
        for change in (partial(remove_method, method_id=third), partial(prefer_method, method_id=first)):
            await world.decide(
                "payments", PAYMENT_METHODS, account, lambda before, _, change=change: change(there(before))
            )
        calendar = CollectionCalendar(id=world.organisation, organisation=world.organisation)
        await world.decide("payments", CALENDARS, world.organisation, lambda *_: change_calendar(calendar, 7, (2, 5)))
        await world.decide(
            "payments", CALENDARS, world.organisation, lambda before, context: ask_to_collect(there(before), context)
        )

    async def _credit(self) -> None:
        """One credit that stays, and one whose line is cancelled after it was granted."""
        await self.open("credit", "petit", AtOnce(), "credit")
        both = await self.open("credit removed", "petit", AtOnce(), "credit", "workshop")
        await self.world.settle()
        await self.pay("credit", 5_000)
        await self.pay("credit removed", 11_000)
        await self.world.settle()
        await self.change("credit removed", "petit", Change(cancel=(both.lines[0].id,)))

    async def _cancelled(self) -> None:
        opened = await self.open("cancelled", "martin", Instalments(count=2), "ballet")
        await self.world.decide(
            "contracts", CONTRACTS, opened.id, lambda before, context: cancel_contract(there(before), context)
        )
        template = untouched(self.world.organisation, "contract_paid", "fr")
        words = Words(subject="Merci", body="Tout est payé.")
        await self.world.decide("notifications", TEMPLATES, None, lambda *_: change_words(template, words))

    async def _erased(self) -> None:
        """An account is erased once every service has received it: its entries lose what is personal."""
        await self.world.settle()
        account = self.season.accounts["moreau"]

        async def work(unit: Unit) -> None:
            await unit.load(ACCOUNTS, [account])
            await journal.erase(unit, account)
            erased = erase_account(there(unit.get(ACCOUNTS, account)))
            unit.decide(ACCOUNTS, erased, self.world.context())

        await transact(self.world.databases["contracts"], work)

    async def _send_mails(self) -> None:
        """Every mail goes, but the first, which the mail server refuses."""
        delivery = Delivery(
            address="someone@a.example", subject="Bonjour", member=None, language="fr", wording="default"
        )
        mails = self.world.databases["notifications"]["mails"]
        documents = await mails.find().sort([("kind", 1), ("_id", 1)]).to_list(None)
        for index, document in enumerate(documents):
            await self.world.decide(
                "notifications",
                MAILS,
                document["_id"],
                lambda before, context, index=index: (
                    accepted(there(before), delivery, now=context.now, erased=False)
                    if index
                    else refused(there(before), "refused", "550")
                ),
            )


def confirmed(before: Contract, change: Change, offer: Offer, context: Context) -> Decision[Contract]:
    """A change as its confirmation makes it: one that cancels what sold a credit asks credits first (CRE-4)."""
    return ask(before, change_contract(before, change, offer, context), context)


def there(found: Any) -> Any:
    """What was loaded, which the plot knows to be there."""
    assert found is not None
    return found
