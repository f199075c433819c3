"""What the pages of the books ask of payments, and the form of the accounts."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from backoffice.apis import Json
from backoffice.languages import N_, Language
from backoffice.web import Form
from backoffice.web.periods import Period

BOOKS = "/payments/v1/books"

ROLES: Mapping[str, str] = {
    "clients": N_("What families owe and pay"),
    "sales": N_("Sales"),
    "vat": N_("VAT"),
    "cash": N_("Cash"),
    "cheque": N_("Cheques"),
    "transfer": N_("Bank transfers"),
    "card": N_("Cards"),
    "direct_debit": N_("Direct debits"),
    "bank": N_("Bank deposits: the account to which cash and cheques are taken"),
    "credits": N_("Client credits: what families may still spend"),
    "deposits": N_("Deposit invoices, until the invoice of the whole purchase"),
    "allowances": N_("What the school gives up: credits given, losses written off"),
    "gains": N_("What families give up: refunds waived"),
    "losses": N_("What the bank took back of money that a contract no longer had"),
    "opening": N_("Balances taken over from the former software"),
}
"""What each account is for."""

RATES = (2_000, 1_000, 550, 210)
"""The rates of VAT that the form offers an account for, in basis points; another one that is saved is shown too."""


def offered(today: date) -> Iterator[tuple[str, Period]]:
    """Periods to choose from: the name of each, to be translated."""
    this, last = today.replace(day=1), (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    yield N_("This month"), Period(this.isoformat(), today.isoformat())
    yield N_("Last month"), Period(last.isoformat(), (this - timedelta(days=1)).isoformat())
    yield N_("This year"), Period(f"{today.year}-01-01", today.isoformat())
    yield N_("Last year"), Period(f"{today.year - 1}-01-01", f"{today.year - 1}-12-31")


def rates_of(saved: Json) -> list[int]:
    """The rates of VAT that the form has a line for, the highest first."""
    return sorted({*RATES, *(each["rate"] for each in saved["vat"])}, reverse=True)


def values_of(saved: Json) -> dict[str, str]:
    """What the fields show of the accounts that are saved."""
    accounts: dict[str, Json] = {
        **saved["accounts"],
        **{f"sales_{each['kind']}": each["account"] for each in saved["sales"]},
        **{f"vat_{each['rate']}": each["account"] for each in saved["vat"]},
    }
    return {f"{name}_{part}": account[part] for name, account in accounts.items() for part in ("number", "name")}


def body_of(form: Form, saved: Json, kinds: Mapping[str, str]) -> Json:
    """What is sent. A kind of product or a rate without a number has no account of its own."""
    known = {each["kind"]: each["account"] for each in saved["sales"] if each["kind"] not in kinds}
    return {
        "accounts": {role: _account(form, role, required=True) for role in ROLES},
        "sales": [
            *({"kind": kind, "account": account} for kind, account in known.items()),
            *(
                {"kind": kind, "account": account}
                for kind in kinds
                if (account := _account(form, f"sales_{kind}", required=False))
            ),
        ],
        "vat": [
            {"rate": rate, "account": account}
            for rate in rates_of(saved)
            if (account := _account(form, f"vat_{rate}", required=False))
        ],
    }


def _account(form: Form, name: str, *, required: bool) -> Json | None:
    number = form.text(f"{name}_number", required=required, most=16)
    if not number and not required:
        return None
    return {"number": number.upper(), "name": form.text(f"{name}_name", most=120)}


def labels_of(saved: Json, kinds: Mapping[str, str], language: Language) -> dict[str, str]:
    """The labels of all fields, by their names."""
    return {
        **{role: language.gettext(words) for role, words in ROLES.items()},
        **{f"sales_{kind}": language.gettext(words).capitalize() for kind, words in kinds.items()},
        **{
            f"vat_{rate}": language.gettext(N_("VAT at {rate}")).format(rate=language.percent(rate))
            for rate in rates_of(saved)
        },
    }
