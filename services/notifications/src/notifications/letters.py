"""From a mail to the message for the mail server: to whom, in which language, in whose words."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from carnet.events.catalog import Language
from carnet.organisations import Organisation
from notifications.domain.accounts import Account
from notifications.domain.mails import Delivery, Mail, Reason
from notifications.domain.templates import Words
from notifications.templates import views
from notifications.templates.compose import compose
from notifications.templates.markup import one_line
from notifications.templates.render import UnwritableError, Written, write_somehow

_SPECIAL = r'\s@<>()\[\],;:\\"\x00-\x1f\x7f'
_ADDRESS = re.compile(rf"([^{_SPECIAL}]+)@([^{_SPECIAL}]+)")
_LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is ready to be handed over, and what is to be remembered of it."""

    message: EmailMessage
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the mail, at which address, in which language."""

    name: str
    address: str
    language: Language
    member: str | None


class UnsendableError(Exception):
    """The mail cannot go as things stand."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


def recipient_of(mail: Mail, account: Account, organisation: Organisation) -> Recipient:
    """Support's address for what support is told, else the account's owner in the account's language.

    Raises ``UnsendableError`` where the person was erased or has no address, or it is not one.
    """
    if mail.to_support:
        language: Language = organisation.languages[0] if organisation.languages else "en"
        return Recipient(organisation.name, written_address(organisation.support_email), language, None)
    if account.erased:
        raise UnsendableError("erased")
    owner = account.recipient
    if owner is None or not owner.email:
        raise UnsendableError("no-address")
    return Recipient(owner.name, written_address(owner.email), account.language, owner.id)


def written_address(address: str) -> str:
    """The address as SMTP takes it, its domain in ASCII. Raises ``UnsendableError`` where it is not an address."""
    match = _ADDRESS.fullmatch(address.strip())
    if match is None or len(address) > _LONGEST_ADDRESS:
        raise UnsendableError("bad-address")
    try:
        return Address(addr_spec=f"{match[1]}@{match[2].encode('idna').decode()}").addr_spec
    except (ValueError, MessageError) as error:
        raise UnsendableError("bad-address") from error


def letter(
    mail: Mail,
    account: Account,
    organisation: Organisation,
    *,
    own: Words | None,
    recipient: Recipient,
    sender: str,
    now: datetime,
) -> Letter:
    """The mail in words. Raises ``UnsendableError`` where even the default words cannot be written."""
    view = compose(mail.content, account, seen_by_templates(organisation))
    try:
        written, wording = write_somehow(own, view, mail.kind, recipient.language)
    except UnwritableError as error:
        raise UnsendableError("unwritable") from error
    message = message_of(written, mail_id=mail.id, recipient=recipient, organisation=organisation, sender=sender)
    message["Date"] = now
    delivery = Delivery(
        address=recipient.address,
        subject=written.subject,
        member=recipient.member,
        language=recipient.language,
        wording=wording,
    )
    return Letter(message, delivery)


def message_of(
    written: Written, *, mail_id: str, recipient: Recipient, organisation: Organisation, sender: str
) -> EmailMessage:
    """The message with text and HTML. Its Message-ID is the mail's, so that a second copy is recognised as one."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(one_line(organisation.name), addr_spec=sender)
    message["To"] = Address(one_line(recipient.name), addr_spec=recipient.address)
    if (replies := _replies_to(organisation)) is not None:
        message["Reply-To"] = Address(one_line(organisation.name), addr_spec=replies)
    message["Subject"] = written.subject
    message["Message-ID"] = f"<{mail_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(written.text, cte="quoted-printable")
    message.add_alternative(written.html, subtype="html", cte="quoted-printable")
    # Set last: making the alternative moves every Content header into its first part.
    message["Content-Language"] = recipient.language
    return message


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
        return written_address(organisation.contact.email or "")
    except UnsendableError:
        return None
