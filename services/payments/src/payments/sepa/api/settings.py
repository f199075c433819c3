"""How the organisation collects by SEPA direct debit (PAY-18)."""

from typing import Annotated, Self

from pydantic import BaseModel, Field
from starlette.responses import Response

from carnet.decisions import Context
from carnet.http import Body, JournalEntry, Page, PageAsked, Reply, journal_page, router
from carnet.mongo import Unit
from carnet.refusals import invalid
from carnet.texts import Line
from payments.access import Collects, StaffReads
from payments.sepa.api.access import Keys, needed
from payments.sepa.domain.banking import checked_creditor, checked_iban, ending
from payments.sepa.domain.settings import Creditor, SepaSettings, change_sepa_settings, sepa_settings_id
from payments.sepa.store.mandates import SEPA_SETTINGS, sepa_settings_in, sepa_settings_of
from payments.sepa.vault import KeyMissingError, Vault

routes = router(tags=["direct debits"])

Iban = Annotated[str, Field(pattern=r"^[A-Za-z]{2}[0-9]{2}[A-Za-z0-9 ]{10,38}$")]
"""An IBAN, spaces allowed."""


class SepaSettingsBody(Body):
    """Who collects, to which account, and how long before the bank has to have a file."""

    name: Line = Field(description="The creditor's name, as the bank knows it.")
    creditor: Annotated[str, Field(pattern=r"^[A-Za-z]{2}[0-9]{2}[A-Za-z0-9 ]{4,40}$")] = Field(
        description="The SEPA creditor identifier, in France the ICS: `FR72ZZZ123456`."
    )
    iban: Iban | None = Field(
        default=None, description="The account that is credited; the one that is kept where it is left out."
    )
    bic: Annotated[str, Field(pattern=r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$")] | None = Field(
        default=None, description="The BIC of its bank, where the bank asks for it."
    )
    lead_days: Annotated[int, Field(ge=1, le=10)] = Field(
        default=2, description="Banking days before the collection date on which the bank has to have the file."
    )
    notice_days: Annotated[int, Field(ge=0, le=30)] = Field(
        default=14,
        description="How many days before the collection date a family is informed; 14 unless another was agreed.",
    )

    def decided(self, settings: SepaSettings, vault: Vault) -> Creditor:
        """The creditor that it gives. Raises ``iban-missing`` where none is kept."""
        known = settings.creditor
        if self.iban is not None:
            number = checked_iban(self.iban)
            same = known is not None and _is(vault, settings.id, known.sealed_iban, number)
            sealed = known.sealed_iban if same and known else vault.seal(settings.id, number)
            last = ending(number)
        elif known is not None:
            sealed, last = known.sealed_iban, known.iban_ending
        else:
            raise invalid("iban-missing", "Give the IBAN of the account that is credited.", rule="PAY-18", field="iban")
        return Creditor(
            name=self.name,
            identifier=checked_creditor(self.creditor),
            sealed_iban=sealed,
            iban_ending=last,
            bic=self.bic,
        )


class SepaSettingsView(BaseModel):
    """The settings of direct debits; of the account only the last four characters are shown."""

    name: str | None = Field(description="The creditor's name; null until it is given.")
    creditor: str | None = Field(description="The SEPA creditor identifier.")
    iban_ending: str | None = Field(description="The last four characters of the IBAN that is credited.")
    bic: str | None
    lead_days: int = Field(description="Banking days before the collection date on which the bank has the file.")
    notice_days: int = Field(description="How many days before the collection date a family is informed.")

    @classmethod
    def of(cls, settings: SepaSettings) -> Self:
        """The settings as they are."""
        creditor = settings.creditor
        return cls(
            name=creditor.name if creditor else None,
            creditor=creditor.identifier if creditor else None,
            iban_ending=creditor.iban_ending if creditor else None,
            bic=creditor.bic if creditor else None,
            lead_days=settings.lead_days,
            notice_days=settings.notice_days,
        )


@routes.get("/sepa-settings", response_model=SepaSettingsView)
async def show_sepa_settings(call: StaffReads) -> Response:
    """How the organisation collects by SEPA direct debit (PAY-18)."""
    settings = await sepa_settings_of(call.database, call.organisation)
    return call.show(SepaSettingsView.of(settings), version=settings.version)


@routes.put("/sepa-settings", response_model=SepaSettingsView)
async def change_settings_of_sepa(body: SepaSettingsBody, command: Collects, keys: Keys) -> Response:
    """Change what the next mandates and remittances say; those that exist stay as they are (PAY-18)."""
    vault = needed(keys)

    async def work(unit: Unit, context: Context) -> Reply:
        settings = await sepa_settings_in(unit, command.organisation)
        command.must_match(settings.version)
        decision = change_sepa_settings(settings, body.decided(settings, vault), body.lead_days, body.notice_days)
        saved = unit.decide(SEPA_SETTINGS, decision, context)
        return Reply(SepaSettingsView.of(saved), saved.version)

    return await command.run(work)


@routes.get("/sepa-settings/journal")
async def sepa_settings_journal(call: StaffReads, page: PageAsked) -> Page[JournalEntry]:
    """Who changed the settings of direct debits, in order (ORG-4)."""
    return await journal_page(call, sepa_settings_id(call.organisation), page)


def _is(vault: Vault, settings: str, sealed: str, number: str) -> bool:
    """Whether that IBAN is the one that is sealed; if its key is gone, the given one is sealed in its place."""
    try:
        return vault.read(settings, sealed) == number
    except KeyMissingError:
        return False
