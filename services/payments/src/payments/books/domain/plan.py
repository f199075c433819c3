"""The accounts that the accountant's export names (INV-7), with defaults of the French chart of accounts."""

from collections.abc import Iterator, Mapping
from typing import Literal

from carnet.events.payments import Method
from carnet.money import BasisPoints
from carnet.tolerance import Tolerant

Role = Literal[
    "clients",
    "cash",
    "cheque",
    "transfer",
    "card",
    "direct_debit",
    "bank",
    "credits",
    "deposits",
    "sales",
    "vat",
    "allowances",
    "gains",
    "losses",
    "opening",
]
"""What an account is for. ``cash`` to ``direct_debit`` receive payments by that method, and bank
deposits move cash and cheques from there to ``bank`` (PAY-7); ``credits`` has what families may still spend,
``deposits`` what deposit invoices bear until the invoice of the whole purchase; ``allowances`` is what the organisation
gives up, ``gains`` what a family does; ``losses`` is what the bank took back of money that a contract no longer had;
``opening`` balances what comes from another system (IMP-3)."""


class Account(Tolerant):
    """An account of the ledger."""

    number: str
    name: str


class KindAccount(Tolerant):
    """The account of what is sold of a kind of product."""

    kind: str
    account: Account


class RateAccount(Tolerant):
    """The account of the VAT at a rate, in basis points."""

    rate: BasisPoints
    account: Account


_DEFAULTS: tuple[tuple[Role, str, str], ...] = (
    ("clients", "411000", "Clients"),
    ("cash", "530000", "Caisse"),
    ("cheque", "511200", "Chèques à encaisser"),
    ("transfer", "512000", "Banque"),
    ("card", "511500", "Cartes bancaires à encaisser"),
    ("direct_debit", "512000", "Banque"),
    ("bank", "512000", "Banque"),
    ("credits", "419100", "Clients, avances et acomptes reçus"),
    ("deposits", "419100", "Clients, avances et acomptes reçus"),
    ("sales", "706000", "Prestations de services"),
    ("vat", "445710", "TVA collectée"),
    ("allowances", "658000", "Charges diverses de gestion courante"),
    ("gains", "758000", "Produits divers de gestion courante"),
    ("losses", "416000", "Clients douteux ou litigieux"),
    ("opening", "890000", "Bilan d'ouverture"),
)
DEFAULTS: Mapping[Role, Account] = {role: Account(number=number, name=name) for role, number, name in _DEFAULTS}
SALES = (
    KindAccount(kind="item", account=Account(number="707000", name="Ventes de marchandises")),
    KindAccount(kind="membership", account=Account(number="756000", name="Cotisations")),
)


class Plan(Tolerant):
    """The accounts of an organisation. Accounts that are not given are the default ones."""

    accounts: Mapping[Role, Account] = {}
    sales: tuple[KindAccount, ...] = SALES
    """The kinds that have another account than ``sales``."""
    vat: tuple[RateAccount, ...] = ()
    """The rates that have another account than ``vat``."""

    def account(self, role: Role) -> Account:
        """The account for that. Bank deposits arrive where transfers do, if nothing else is given."""
        given = self.accounts.get(role) or (self.accounts.get("transfer") if role == "bank" else None)
        return given or DEFAULTS[role]

    def received_by(self, method: Method | None) -> Account:
        """The account that receives payments by that method; the bank where it is not known."""
        return self.account(method if method in DEFAULTS else "transfer")  # type: ignore[arg-type] # as it was read

    def sold(self, kind: str | None) -> Account:
        """The account of what is sold of a kind; None if an older release has not kept it."""
        return next((each.account for each in self.sales if each.kind == kind), self.account("sales"))

    def vat_at(self, rate: int) -> Account:
        """The account of the VAT at that rate."""
        return next((each.account for each in self.vat if each.rate == rate), self.account("vat"))

    def numbers(self) -> tuple[str, ...]:
        """The numbers of its accounts, each once."""
        return tuple(dict.fromkeys(each.number for each in self.all()))

    def all(self) -> Iterator[Account]:
        """Every account that it names, in the order of the settings."""
        yield from (self.account(role) for role in DEFAULTS)
        yield from (each.account for each in self.sales)
        yield from (each.account for each in self.vat)
