"""What the pages of direct debits ask of payments, and the words for its answers."""

from collections.abc import Mapping

from backoffice.apis import Json, quoted
from backoffice.contracts.amounts import REASONS as ALL_REASONS
from backoffice.languages import N_, NP_
from backoffice.web import Form

REMITTANCES = "/payments/v1/remittances"
SETTINGS = "/payments/v1/sepa-settings"
PER_PAGE = 50
MOST_SHOWN = 200

STATUSES: Mapping[str, tuple[str, str]] = {
    "built": ("wait", N_("to be sent")),
    "sent": ("wait", N_("at the bank")),
    "taken_back": ("calm", NP_("remittance", "taken back")),
    "collected": ("ok", N_("credited")),
}
"""The status of a remittance: a colour and words."""

DEBITS: Mapping[str, tuple[str, str]] = {
    "asked": ("wait", N_("in the file")),
    "pending": ("wait", N_("at the bank")),
    "succeeded": ("ok", N_("paid")),
    "failed": ("late", N_("refused by the bank")),
    "withdrawn": ("calm", NP_("debit", "taken back")),
}
"""The status of a debit."""

REASONS: Mapping[str, str] = {
    name: ALL_REASONS[name] for name in ("insufficient_funds", "account_closed", "mandate_revoked", "refused", "other")
}
"""Why a bank refuses a debit."""

ENDS: Mapping[str, str] = {
    "removed": N_("removed"),
    "lapsed": N_("not used for 36 months"),
    "refused_by_bank": N_("its bank does not accept it any more"),
}
"""Why a mandate ended."""

MOVES: Mapping[str, tuple[str, str]] = {
    "sent": ("sent", N_("The remittance is at the bank.")),
    "take-back": (
        "taking-back",
        N_(
            "The remittance is taken back: its instalments are due as before. Build it anew within an hour, or the "
            "families get a mail that they are not debited."
        ),
    ),
    "collected": ("collected", N_("The remittance is credited: what the bank did not refuse is paid.")),
}
"""What can be done with a remittance: the end of its address, and what is said when it is done."""

SETTINGS_LABELS: Mapping[str, str] = {
    "name": N_("Name of the creditor"),
    "creditor": N_("SEPA creditor identifier (ICS)"),
    "iban": N_("IBAN that is credited"),
    "bic": N_("BIC"),
    "lead_days": N_("Banking days that the bank needs"),
    "notice_days": N_("Days before which families are informed"),
}
MANDATE_LABELS: Mapping[str, str] = {
    "holder": N_("Holder of the account"),
    "iban": N_("IBAN"),
    "signed_on": N_("Signed on"),
    "place": N_("Signed at"),
    "reference": N_("Reference of the mandate"),
}
MANDATE_FIELDS: Mapping[str, str] = {f"paper.{name}": name for name in ("signed_on", "place", "reference")}
"""The fields of the form by those of the API."""


def path_of(remittance: str) -> str:
    """The address of a remittance in the API."""
    return f"{REMITTANCES}/{quoted(remittance)}"


def mandates_path(account: str) -> str:
    """The address of the mandates of a family in the API."""
    return f"/payments/v1/accounts/{quoted(account)}/mandates"


def links_path(account: str) -> str:
    """The address at which links for a family to sign are written."""
    return f"/payments/v1/accounts/{quoted(account)}/mandate-links"


def invitations_path(account: str) -> str:
    """The address at which a family is invited by mail to sign."""
    return f"/payments/v1/accounts/{quoted(account)}/mandate-invitations"


def read_settings(form: Form) -> Json:
    """What the form of the settings sends; without an IBAN the one that is kept stays."""
    return {
        "name": form.text("name", most=120),
        "creditor": form.text("creditor", most=44).upper(),
        "iban": form.text("iban", required=False, most=42) or None,
        "bic": form.text("bic", required=False, most=11).upper() or None,
        "lead_days": form.whole("lead_days", least=1, most=10),
        "notice_days": form.whole("notice_days", least=0, most=30),
    }


def read_mandate(form: Form) -> Json:
    """What the form of a mandate on paper sends."""
    return {
        "holder": form.text("holder", most=120),
        "iban": form.text("iban", most=42),
        "paper": {
            "signed_on": form.day("signed_on"),
            "place": form.text("place", required=False, most=120) or None,
            "reference": form.text("reference", required=False, most=35) or None,
        },
    }
