"""The SEPA mandates of an account: signed on paper or in a browser; each is a payment method (PAY-12, PAY-18)."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from carnet.dates import Day, Instant
from carnet.decisions import Context
from carnet.events.payments import MandateEnd, SignedHow
from carnet.http import Body, Reply, router, within_patience
from carnet.ids import Id
from carnet.mongo import Unit
from carnet.organisations import organisation_of
from carnet.refusals import conflict, invalid
from carnet.texts import Line
from carnet.tolerance import Tolerant
from payments.access import KeepsMethods, Reads, known_account
from payments.accounts.store import account_of
from payments.invoices.domain.document import Language
from payments.payment_methods.api import methods_to_change
from payments.sepa.api.access import Keys, needed
from payments.sepa.api.settings import Iban
from payments.sepa.api.signing import Origin, keep_mandate, origin_of, proof_of
from payments.sepa.domain.banking import checked_iban, ending
from payments.sepa.domain.mandates import (
    BankAccount,
    GivenTo,
    Mandate,
    Signature,
    refuse_currency,
    refuse_known,
    sign,
)
from payments.sepa.domain.settings import Creditor
from payments.sepa.store.mandates import is_known_reference, mandates_of, sepa_settings_in, sepa_settings_of
from payments.sepa.vault import Vault
from payments.sepa.wording import mandate_text

routes = router(tags=["direct debits"])

Reference = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9+?:().,' -]{0,34}$")]


class PaperBody(Body):
    """A mandate on paper, which the school keeps."""

    signed_on: Day = Field(description="The date of the signature.")
    place: Line | None = Field(default=None, description="Where it was signed.")
    reference: Reference | None = Field(
        default=None, description="The reference that the paper has; one is made where it is left out."
    )


class OnlineBody(Body):
    """A mandate that the holder reads and signs in a browser, now. What was shown and typed is kept as the proof."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)] = Field(
        description="The text that was shown: exactly that of `mandate-text`."
    )
    language: Language = Field(description="The language in which it was shown.")
    signer: Line = Field(description="The name that was typed as a signature.")
    place: Line | None = Field(default=None, description="Where it was signed.")


class MandateBody(Body):
    """A mandate that a family has signed."""

    holder: Line = Field(description="Whose bank account it is.")
    iban: Iban = Field(description="The account that is debited. It is kept encrypted, and never shown again.")
    paper: PaperBody | None = Field(default=None, description="Where it was signed on paper.")
    online: OnlineBody | None = Field(default=None, description="Where it is signed in a browser.")
    default: bool = Field(default=True, description="Whether instalments are collected by it from now on.")

    def bank_account(self, vault: Vault, mandate: str) -> BankAccount:
        """The bank account, checked and encrypted."""
        number = checked_iban(self.iban)
        return BankAccount(self.holder, vault.seal(mandate, number), ending(number))

    def signed(self, creditor: Creditor, origin: Origin, context: Context) -> Signature:
        """The signature. Raises ``signature-missing``, or ``mandate-text-differs`` where another text was shown."""
        paper, given = self.paper, self.online
        if paper is not None and given is None:
            return Signature(paper.signed_on, paper.place, "paper", paper.reference)
        if given is None or paper is not None:
            raise invalid(
                "signature-missing",
                "A mandate is signed in one way: give either 'paper' or 'online'.",
                rule="PAY-18",
                fields=["paper", "online"],
            )
        expected = mandate_text(creditor, self.holder, ending(checked_iban(self.iban)), given.language)
        if given.text.strip() != expected:
            raise conflict(
                "mandate-text-differs",
                "The text that was shown is not that of this mandate. Read it again, show it, and have it signed.",
                rule="PAY-18",
            )
        proof = proof_of(expected, given.signer, origin, context)
        return Signature(context.today, given.place, "online", proof=proof)


class MandateTextBody(Body):
    """What the text of a mandate names of the family."""

    holder: Line = Field(description="Whose bank account it is.")
    iban: Iban = Field(description="The account that is debited: the text has its last four characters.")
    language: Language = Field(description="The language of the text.")


class MandateTextView(BaseModel):
    """The text that a family reads and signs."""

    text: str


class ProofView(BaseModel):
    """What proves that a mandate was signed in a browser."""

    text: str = Field(description="The mandate as it was shown.")
    signer: str = Field(description="The name that was typed as a signature.")
    at: Instant
    by: str = Field(description="Whose token it was; the client if it was signed by a link.")
    address: str | None = Field(description="The IP address that it came from; null where that was not kept yet.")
    agent: str | None = Field(description="The browser, as it names itself.")
    digest: str | None = Field(
        description="The SHA-256 of text, signer, instant and address, a line each; `MandateSigned` has it too."
    )


class MandateView(Tolerant):
    """A mandate; of the IBAN only the last four characters are shown."""

    id: str = Field(description="Its id, which is that of the payment method.")
    reference: str = Field(description="The unique mandate reference.")
    creditor: str = Field(description="The creditor identifier that it was given to.")
    holder: str | None = Field(description="Whose bank account it is; null once the person was erased.")
    iban_ending: str
    how: SignedHow
    signed_on: date
    place: str | None
    last_used_on: date | None = Field(description="The date of the last collection that was sent with it.")
    usable_until: date = Field(description="The day after which it lapses, if it is not used until then.")
    ended_on: date | None
    ended_why: MandateEnd | None
    proof: ProofView | None

    @classmethod
    def of(cls, mandate: Mandate) -> Self:
        """A mandate as it is."""
        shown = mandate.model_dump(include=set(cls.model_fields) - {"proof"})
        proof = mandate.proof
        return cls(
            place=mandate.signed_at,
            usable_until=mandate.usable_until,
            proof=ProofView(**proof.model_dump(include=set(ProofView.model_fields))) if proof else None,
            **shown,
        )


class MandatesView(BaseModel):
    """The mandates of an account, the oldest first, those that have ended too."""

    account: str
    mandates: list[MandateView]


@routes.get("/accounts/{account}/mandates", response_model=MandatesView)
async def show_mandates(account: Id, call: Reads) -> Response:
    """The mandates of an account, those that have ended too; a client sees its own."""
    await known_account(call, account)
    mandates = await mandates_of(call.database, call.organisation, account)
    return call.show(MandatesView(account=account, mandates=[MandateView.of(each) for each in mandates]))


@routes.post("/accounts/{account}/mandates/text", response_model=MandateTextView)
async def show_mandate_text(account: Id, body: MandateTextBody, call: Reads) -> MandateTextView:
    """The text of a mandate as a family reads it before it signs in a browser. It changes nothing."""
    await known_account(call, account)
    settings = await sepa_settings_of(call.database, call.organisation)
    text = mandate_text(settings.given, body.holder, ending(checked_iban(body.iban)), body.language)
    return MandateTextView(text=text)


@routes.post("/accounts/{account}/mandates", status_code=201, response_model=MandateView)
async def sign_mandate(account: Id, body: MandateBody, command: KeepsMethods, keys: Keys, request: Request) -> Response:
    """Keep a mandate that a family has signed: a payment method of its account from now on (PAY-18).

    It ends when the payment method is removed, and 36 months after it was last used.
    """
    vault = needed(keys)
    if command.principal.sees(account):
        await within_patience(lambda: account_of(command.database, command.organisation, account))

    async def work(unit: Unit, context: Context) -> Reply:
        methods = await methods_to_change(unit, command, account)
        refuse_currency((await organisation_of(unit, command.organisation)).currency)
        creditor = (await sepa_settings_in(unit, command.organisation)).given
        signature = body.signed(creditor, origin_of(request), context)
        if signature.reference is not None and await is_known_reference(unit, signature.reference):
            refuse_known(signature.reference)
        mandate = context.new_id()
        debited = body.bank_account(vault, mandate)
        given_to = GivenTo(command.organisation, account, creditor.identifier)
        signed = sign(mandate, given_to, debited, signature, context)
        saved = await keep_mandate(unit, methods, signed, context, prefer=body.default)
        return Reply(MandateView.of(saved), saved.version)

    return await command.run(work, status=201)
