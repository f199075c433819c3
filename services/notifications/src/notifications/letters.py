"""Makes the message for the mail server from a mail: the recipient, the language, the words."""

from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.mime.application import MIMEApplication
from email.policy import compat32
from email.utils import format_datetime

from carnet.addresses import MailAddress, mail_address
from carnet.events.catalog import Language
from carnet.organisations import Organisation
from notifications.domain.accounts import Account, Person
from notifications.domain.mails import Delivery, Mail, Reason
from notifications.domain.templates import Words
from notifications.headers import mailbox, unstructured
from notifications.mails import views
from notifications.mails.composing import SAMPLE_LINK, Link
from notifications.mails.words import default_words
from notifications.papers import Attachment
from notifications.rendering import Renderer, written_somehow
from notifications.templates.markup import one_line
from notifications.templates.render import UnwritableError, Written
from notifications.templates.task import Task
from notifications.templates.values import LOCALES

_FALLBACK: Language = "en"


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is ready to be handed over, and what is recorded once it is accepted."""

    message: bytes
    written: Written
    delivery: Delivery
    smtputf8: bool
    """True if the mail server must offer SMTPUTF8 to accept it."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the mail, at which address, in which language."""

    name: str
    address: MailAddress
    language: Language
    member: str | None


class UnsendableError(Exception):
    """The mail cannot be sent as things are."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def recipient_of(mail: Mail, account: Account, organisation: Organisation) -> Recipient:
    """Support's address for a mail to support, else the person whom it names, or the owner, in the account's language.

    Raises ``UnsendableError`` if the person was erased, or has no address that can be written to.
    """
    if mail.to_support:
        language = next((each for each in organisation.languages if each in LOCALES), _FALLBACK)
        return Recipient(organisation.name, written_address(organisation.support_email), language, None)
    if account.erased:
        raise UnsendableError("erased")
    person = _person(mail, account)
    if person is None or not person.email:
        raise UnsendableError("no-address")
    return Recipient(person.name, written_address(person.email), _readable(account.language), person.id)


def _person(mail: Mail, account: Account) -> Person | None:
    """The person of the account that the facts name, such as the recipient of a voucher; else its owner.

    Raises ``UnsendableError`` if that person was erased.
    """
    named: str | None = getattr(mail.content, "recipient", None)
    if named is None:
        return account.recipient
    if named in account.erased_members:
        raise UnsendableError("erased")
    return account.person(named)


def _readable(language: Language) -> Language:
    """The language, or English where a newer release has added it and this one has no words in it."""
    return language if language in LOCALES else _FALLBACK


def written_address(address: str) -> MailAddress:
    """The address as SMTP needs it. Raises ``UnsendableError`` if it cannot be written to."""
    try:
        return mail_address(address.strip())
    except ValueError as error:
        raise UnsendableError("bad-address") from error


async def letter(
    mail: Mail,
    account: Account,
    organisation: Organisation,
    *,
    renderer: Renderer,
    number: str,
    own: Words | None,
    recipient: Recipient,
    sender: str,
    now: datetime,
    link: Link = SAMPLE_LINK,
    attached: Attachment | None = None,
) -> Letter:
    """The rendered mail. Raises ``UnsendableError`` if even the default words cannot be rendered.

    The paper that goes with it is ``attached``, and behind the ``link``.
    """
    task = Task(
        words=default_words(mail.kind, recipient.language),
        kind=mail.kind,
        language=recipient.language,
        content=mail.content,
        account=account,
        organisation=seen_by_templates(organisation),
        number=number,
        link=link,
    )
    try:
        written, wording = await written_somehow(renderer, own, task)
    except UnwritableError as error:
        raise UnsendableError("unwritable") from error
    delivery = Delivery(
        address=recipient.address.written,
        subject=written.subject,
        member=recipient.member,
        language=recipient.language,
        wording=wording,
    )
    envelope = Envelope(mail.id, recipient, organisation, sender, now)
    return Letter(message_of(written, envelope, attached), written, delivery, smtputf8=recipient.address.needs_smtputf8)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The values that the headers of a mail are made from."""

    mail_id: str
    recipient: Recipient
    organisation: Organisation
    sender: str
    now: datetime


def message_of(written: Written, envelope: Envelope, attached: Attachment | None = None) -> bytes:
    """The message with text and HTML, and the paper that goes with it.

    Its Message-ID is the mail's, so that a second copy is recognised as one.
    """
    school, recipient = one_line(envelope.organisation.name), envelope.recipient
    headers = {
        "From": mailbox(school, envelope.sender, name="From"),
        "To": mailbox(one_line(recipient.name), recipient.address.written, name="To"),
        "Subject": unstructured(written.subject, name="Subject"),
        "Date": format_datetime(envelope.now),
        "Message-ID": f"<{envelope.mail_id}@{envelope.sender.rpartition('@')[2]}>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": recipient.language,
    }
    if (replies := _replies_to(envelope.organisation)) is not None:
        headers["Reply-To"] = mailbox(school, replies, name="Reply-To")
    head = "".join(f"{name}: {value}\r\n" for name, value in (*headers.items(), ("MIME-Version", "1.0")))
    body = _body(written, envelope)
    return head.encode() + (body if attached is None else _with_paper(body, attached, envelope))


def _body(written: Written, envelope: Envelope) -> bytes:
    """The two forms of the mail, with the header that announces them first.

    It is put together here, which takes a tenth of what Python's library does to write the same.
    """
    forms = ((written.text, "plain"), (written.html, "html"))
    return _parts("alternative", [_form(text, subtype) for text, subtype in forms], envelope)


def _form(text: str, subtype: str) -> bytes:
    """One form of the mail, as quoted-printable lines of ASCII."""
    lines = b2a_qp(text.replace("\r\n", "\n").replace("\r", "\n").encode(), istext=True)
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + lines.replace(b"\n", b"\r\n")


def _with_paper(body: bytes, attached: Attachment, envelope: Envelope) -> bytes:
    """The two forms of the mail and a PDF beside them."""
    paper = MIMEApplication(attached.pdf, "pdf", name=attached.name, policy=compat32)
    paper.add_header("Content-Disposition", "attachment", filename=attached.name)
    return _parts("mixed", [body, paper.as_bytes(policy=compat32.clone(linesep="\r\n"))], envelope)


def _parts(subtype: str, parts: Sequence[bytes], envelope: Envelope) -> bytes:
    """Several parts, each with its headers, between lines that none of them can contain.

    Neither quoted-printable nor base64 has an underscore after an equals sign.
    """
    boundary = f"=_{subtype}_{envelope.mail_id}"
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'
    delimited = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    return b"%b%b--%b--\r\n" % (head.encode(), delimited, boundary.encode())


def seen_by_templates(organisation: Organisation) -> views.Organisation:
    """The organisation as templates see it."""
    contact = organisation.contact
    return views.Organisation(
        name=organisation.name,
        email=contact.email or "",
        phone=contact.phone or "",
        website=contact.website or "",
        address=contact.address or "",
    )


def _replies_to(organisation: Organisation) -> str | None:
    try:
        found = written_address(organisation.contact.email or "")
    except UnsendableError:
        return None
    # A Reply-To beyond ASCII would need a mail server with SMTPUTF8, only for an answer that may never come.
    return None if found.needs_smtputf8 else found.written
