"""To whom a mail goes, in a message that nothing can be slipped into; and which faults of the mail server pass."""

import asyncio
from datetime import date
from email import message_from_bytes
from email.policy import default

import aiosmtplib
import pytest

from notifications.domain.accounts import Person
from notifications.letters import Envelope, Letter, UnsendableError, letter, message_of, recipient_of, written_address
from notifications.mailer import not_accepted
from notifications.mails import invoice_ready, refund_awaiting
from notifications.mails.composing import SAMPLE_LINK, Link
from notifications.papers import Attachment
from notifications.rendering import Renderer
from notifications.templates.render import Written
from tests.unit.notifications.notification_builders import CONTRACT, FAMILY, NOW, OWNER, SCHOOL, TODAY, mail

SUPPORT = refund_awaiting.Facts(contract=CONTRACT, currency="EUR", amount=6_000, effective_on=TODAY)


def posted(**changes: object) -> Letter:
    about, family, school = (
        changes.get("mail", mail()),
        changes.get("family", FAMILY),
        changes.get("school", SCHOOL),
    )
    recipient = recipient_of(about, family, school)
    writing = letter(
        about,
        family,
        school,
        renderer=Renderer(),
        number="2027-0042",
        own=None,
        recipient=recipient,
        sender="no-reply@carnet.example",
        now=NOW,
        link=changes.get("link", SAMPLE_LINK),
        attached=changes.get("attached"),
    )
    return asyncio.run(writing)


def test_a_client_is_written_to_in_the_language_of_the_account() -> None:
    posting = posted()
    message = message_from_bytes(posting.message, policy=default)
    assert message["To"] == "Camille Morel <camille@example.org>"
    assert message["From"].addresses[0].display_name == "École Étoile"
    assert message["From"].addresses[0].addr_spec == "no-reply@carnet.example"
    assert message["Reply-To"].addresses[0].addr_spec == "bonjour@etoile.example"
    assert message["Message-ID"] == f"<{mail().id}@carnet.example>"
    assert message["Content-Language"] == "fr"
    assert message["Date"].datetime == NOW
    assert message["Subject"] == "Votre contrat chez École Étoile est entièrement payé"
    assert posting.delivery.member == OWNER
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "Bonjour Camille," in text.get_content()
    assert "540,00" in html.get_content()


def test_whatever_the_words_are_they_arrive_as_they_were_written() -> None:
    words = Written("Été", "a\n.\nÉté = \u20ac 🎭 \n" + "x" * 300 + "\r\nb\rc\n--=_alternative_1--\n", "<p>é</p>")
    envelope = Envelope("1", recipient_of(mail(), FAMILY, SCHOOL), SCHOOL, "no-reply@carnet.example", NOW)
    raw = message_of(words, envelope)
    message = message_from_bytes(raw, policy=default)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == words.text.replace("\r\n", "\n").replace("\r", "\n")
    assert html.get_content().strip() == words.html
    assert message.defects == text.defects == html.defects == []
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert raw.count(b"\n") == raw.count(b"\r") == raw.count(b"\r\n")


def test_a_paper_goes_with_the_mail_beside_its_two_forms() -> None:
    pdf = bytes(range(256)) * 50
    link = Link("https://carnet.example/payments/v1/papers/abc.def", date(2027, 2, 4))
    about = mail(invoice_ready.sample("EUR"))
    posting = posted(mail=about, link=link, attached=Attachment("FA-2027-000042.pdf", pdf))
    message = message_from_bytes(posting.message, policy=default)
    assert message.get_content_type() == "multipart/mixed"
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content_type()) == ("FA-2027-000042.pdf", "application/pdf")
    assert attached.get_content() == pdf
    assert message["Subject"] == "Votre facture F-2027-00042 – École Étoile"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert link.address in text.get_content()
    assert "4 février 2027" in text.get_content()
    assert f'href="{link.address}"' in html.get_content()
    assert max(map(len, posting.message.split(b"\r\n"))) <= 998


def test_support_is_written_to_at_its_address_in_the_first_language_of_the_organisation() -> None:
    posting = posted(mail=mail(SUPPORT), school=SCHOOL.model_copy(update={"languages": ("en",)}))
    assert posting.delivery.address == "support@etoile.example"
    assert posting.delivery.language == "en"
    assert posting.delivery.member is None
    message = message_from_bytes(posting.message, policy=default)
    assert "Camille Morel" in message.get_body(("plain",)).get_content()


def test_a_mail_to_support_about_an_erased_family_has_no_name() -> None:
    gone = FAMILY.model_copy(update={"erased": True, "people": (), "owner": None})
    assert "Morel" not in posted(mail=mail(SUPPORT), family=gone).message.decode()


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        (None, "no-address"),
        ("", "no-address"),
        ("nobody", "bad-address"),
        ("a@b@c", "bad-address"),
        ("a..b@x.example", "bad-address"),
    ],
)
def test_an_owner_without_a_usable_address_is_not_written_to(email: str | None, reason: str) -> None:
    owner = Person(id=OWNER, first_name="C", last_name="M", email=email)
    with pytest.raises(UnsendableError) as unsendable:
        posted(family=FAMILY.model_copy(update={"people": (owner,)}))
    assert unsendable.value.reason == reason


def test_an_erased_account_is_not_written_to() -> None:
    with pytest.raises(UnsendableError) as unsendable:
        posted(family=FAMILY.model_copy(update={"erased": True}))
    assert unsendable.value.reason == "erased"


INJECTION = "x\r\nBcc: thief@evil.example\r\n\r\nbody"


def test_no_header_can_be_slipped_in_through_a_name() -> None:
    owner = Person(id=OWNER, first_name=INJECTION, last_name='"M" <a@b.c>,', email="camille@example.org")
    school = SCHOOL.model_copy(update={"name": INJECTION})
    raw = posted(family=FAMILY.model_copy(update={"people": (owner,)}), school=school).message
    message = message_from_bytes(raw, policy=default)
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["camille@example.org"]
    assert [address.addr_spec for address in message["From"].addresses] == ["no-reply@carnet.example"]
    assert sorted(set(message.keys())) == sorted(message.keys())


@pytest.mark.parametrize("address", [INJECTION, "a@b.c\r\nBcc: x@y.z", "a b@c.d", "<a@b.c>", "a@b.c, d@e.f", "@b.c"])
def test_text_that_is_not_one_address_is_refused(address: str) -> None:
    with pytest.raises(UnsendableError):
        written_address(address)


def test_a_domain_with_accents_is_written_in_ascii() -> None:
    assert written_address("contact@école.example").written == "contact@xn--cole-9oa.example"
    assert written_address("contact@straße.example").written == "contact@xn--strae-oqa.example"


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(550, "no <a@b.c>", "a@b.c")]), True),
        (aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(451, "busy", "a@b.c")]), False),
        (aiosmtplib.SMTPDataError(554, "spam"), True),
        (aiosmtplib.SMTPDataError(452, "full"), False),
        (aiosmtplib.SMTPSenderRefused(550, "who?", "no-reply@x.y"), False),
        (aiosmtplib.SMTPAuthenticationError(535, "bad login"), False),
        (aiosmtplib.SMTPConnectError("refused"), False),
        (aiosmtplib.SMTPServerDisconnected("gone"), False),
        (aiosmtplib.SMTPReadTimeoutError("slow"), False),
        (aiosmtplib.SMTPNotSupported("smtputf8"), True),
        (ConnectionResetError(), False),
    ],
)
def test_faults_are_transient_or_permanent(error: Exception, permanent: bool) -> None:
    fault = not_accepted(error)
    assert fault.permanent is permanent
    assert "@" not in fault.answer
