"""How an organisation collects by SEPA direct debit (PAY-18)."""

from typing import Self
from uuid import UUID, uuid5

from carnet.decisions import Decision, State
from carnet.events import payments as published
from carnet.refusals import conflict
from payments.schedules.domain.schedule import Part

_SETTINGS = UUID("2b1d0a54-98f2-5c1e-8f52-5d6c7a1e9b40")

LEAD_DAYS = 2
"""Banking days between the file and the collection, unless the bank asks for others."""

NOTICE_DAYS = 14
"""Days before the collection on which a family is informed, unless another number was agreed (SEPA rulebook)."""

UNKNOWN_STATUS = (
    "It is in a state that this part of Carnet does not know yet, since Carnet is being updated: try again in a few "
    "minutes."
)
"""Why nothing is done with a file in a state that only a newer release has."""


def sepa_settings_id(organisation: str) -> str:
    """The id of an organisation's settings: a sequence of its own in the journal."""
    return str(uuid5(_SETTINGS, organisation))


class Creditor(Part):
    """Who collects, and to which account."""

    name: str
    """As the bank knows it."""
    identifier: str
    """The SEPA creditor identifier."""
    sealed_iban: str
    """The account that is credited, encrypted."""
    iban_ending: str
    bic: str | None = None


class SepaSettings(State):
    """The settings of one organisation. Without a creditor nothing can be collected by direct debit."""

    creditor: Creditor | None = None
    lead_days: int = LEAD_DAYS
    notice_days: int = NOTICE_DAYS

    @classmethod
    def none_of(cls, organisation: str) -> Self:
        """The settings of an organisation that has given none."""
        return cls(id=sepa_settings_id(organisation), organisation=organisation)

    @property
    def given(self) -> Creditor:
        """The creditor; raises ``sepa-settings-missing``."""
        if self.creditor is None:
            raise conflict(
                "sepa-settings-missing",
                "The organisation's creditor identifier and bank account are not known yet: fill in the settings of "
                "direct debits first.",
                rule="PAY-18",
            )
        return self.creditor


def change_sepa_settings(
    settings: SepaSettings, creditor: Creditor, lead_days: int, notice_days: int
) -> Decision[SepaSettings]:
    """Change what the next mandates and remittances say; those that exist stay as they are."""
    changed = {"creditor": creditor, "lead_days": lead_days, "notice_days": notice_days}
    after = settings.model_copy(update=changed)
    if after == settings:
        return Decision(settings)
    event = published.SepaSettingsChanged(
        creditor=creditor.identifier,
        account_ending=creditor.iban_ending,
        lead_days=lead_days,
        notice_days=notice_days,
    )
    return Decision(after, (event,))
