"""The settings of invoices as a form: what it shows of them, and what it sends."""

from collections.abc import Mapping

from backoffice.apis import Json
from backoffice.languages import N_
from backoffice.web import Form

SELLER: Mapping[str, str] = {
    "name": N_("Legal name"),
    "trade_name": N_("Name that the public knows, if it is another"),
    "legal_form": N_("Legal form"),
    "siren": N_("SIREN"),
    "siret": N_("SIRET"),
    "vat_number": N_("VAT number"),
    "registration": N_("Another registration, as it is written"),
    "email": N_("Email"),
    "phone": N_("Telephone"),
    "website": N_("Website"),
}
ADDRESS: Mapping[str, str] = {
    "street": N_("Street"),
    "street_more": N_("Street, second line"),
    "postcode": N_("Postcode"),
    "city": N_("Town"),
    "country": N_("Country, in two letters"),
}
TEXTS: Mapping[str, str] = {
    "terms_fr": N_("Terms, in French"),
    "terms_en": N_("Terms, in English"),
    "footer_fr": N_("Foot of the page, in French"),
    "footer_en": N_("Foot of the page, in English"),
}
OTHERS: Mapping[str, str] = {
    "exemption": N_("Why no VAT is charged"),
    "colour": N_("Colour"),
    "invoice_prefix": N_("Numbers of invoices begin with"),
    "credit_note_prefix": N_("Numbers of credit notes begin with"),
}
LABELS: Mapping[str, str] = {**SELLER, **ADDRESS, **TEXTS, **OTHERS}
REQUIRED = frozenset({"name", "country", "invoice_prefix", "credit_note_prefix"})
LONG = frozenset(TEXTS)
KEPT = ("exemptions", "product_exemptions", "mentions")
"""What has a page of its own."""


def values_of(given: Json | None) -> dict[str, str]:
    """What the fields show of the settings that are saved."""
    first = {"country": "FR", "invoice_prefix": "FA", "credit_note_prefix": "AV"}
    if given is None:
        return {**first, "colour": "#1d4ed8"}
    seller, values = given["seller"], {}
    for name in SELLER:
        values[name] = seller.get(name) or ""
    address = seller["address"]
    lines = [*address.get("lines", []), "", ""]
    values |= {"street": lines[0], "street_more": lines[1]}
    values |= {name: address.get(name) or "" for name in ("postcode", "city", "country")}
    for name in ("terms", "footer"):
        for language in ("fr", "en"):
            values[f"{name}_{language}"] = (given.get(name) or {}).get(language) or ""
    values["exemption"] = (given.get("exemption") or {}).get("code", "")
    values |= {
        name: given.get(name) or first.get(name, "") for name in ("colour", "invoice_prefix", "credit_note_prefix")
    }
    values |= {name: "yes" for name in ("automatic", "vat_on_debits") if given.get(name)}
    return values


def body_of(form: Form, given: Json | None) -> Json:
    """What is sent: the fields, and what the form does not show as it is saved."""
    typed = {name: form.text(name, required=name in REQUIRED, most=2_000 if name in LONG else 120) for name in LABELS}
    kept: Json = {name: given[name] for name in KEPT if given and name in given}
    code = form.value("exemption")
    saved = (given or {}).get("exemption") or {}
    exemption = saved if saved.get("code") == code else {"code": code}
    return {
        **kept,
        "seller": {
            **{name: typed[name] or None for name in SELLER},
            "address": {
                "lines": [line for line in (typed["street"], typed["street_more"]) if line],
                "postcode": typed["postcode"] or None,
                "city": typed["city"] or None,
                "country": typed["country"].upper(),
            },
        },
        "exemption": exemption if code else None,
        "terms": {"fr": typed["terms_fr"] or None, "en": typed["terms_en"] or None},
        "footer": {"fr": typed["footer_fr"] or None, "en": typed["footer_en"] or None},
        "colour": typed["colour"] or None,
        "automatic": form.ticked("automatic"),
        "vat_on_debits": form.ticked("vat_on_debits"),
        "invoice_prefix": typed["invoice_prefix"].upper(),
        "credit_note_prefix": typed["credit_note_prefix"].upper(),
    }


LARGEST_LOGO = 200_000
"""Bytes of an image that is sent on: a little more than the API takes, which says how much that is."""

FIELDS: Mapping[str, str] = {
    **{f"seller.{name}": name for name in SELLER},
    **{f"seller.address.{name}": name for name in ("postcode", "city", "country")},
    "seller.address.lines": "street",
    **{name: name for name in ("colour", "invoice_prefix", "credit_note_prefix")},
    "exemption.code": "exemption",
}
"""The fields of the form by those of the API."""
