"""The bodies of requests and answers about mails and templates."""

from typing import Annotated, Literal, Self

from pydantic import Field

from carnet.dates import Instant
from carnet.events.catalog import Language
from carnet.http import Body
from carnet.ids import Id
from carnet.tolerance import Tolerant
from notifications.domain.letters import SentLetter
from notifications.domain.mails import Mail, Reason, Status, Wording
from notifications.domain.templates import Template, Words
from notifications.mails import Kind
from notifications.mails.words import default_words, name_of
from notifications.templates.render import Written
from notifications.templates.values import LOCALES
from notifications.templates.variables import Variable, variables_of

Names = Annotated[dict[Language, str], Field(description="What its kind is called, in each language.")]


class MailView(Tolerant):
    """A mail and its state."""

    id: str
    kind: Kind
    to: Literal["client", "support"]
    account: str
    contract: str | None = Field(description="Null for a credit without a contract, such as a deposit.")
    cause: str = Field(description="The event or change that it is about.")
    status: Status
    attempts: int = Field(description="How often it was tried since it was last queued.")
    created_at: Instant
    due: Instant | None = Field(description="While queued: when it is tried next.")
    sent_at: Instant | None
    address: str | None = Field(
        description="The address that it was sent to; null before, and once the person is erased."
    )
    subject: str | None = Field(description="Its subject as it was sent; null before, and once the person is erased.")
    language: Language | None
    wording: Wording | None = Field(
        description="The template that was used: default, the organisation's own, or the default as a fallback."
    )
    reason: Reason | None = Field(description="Why the last attempt failed.")
    answer: str | None = Field(description="The mail server's answer to the last attempt; not shown to clients.")
    names: Names

    @classmethod
    def of(cls, mail: Mail, *, staff: bool = True) -> Self:
        """The mail as staff or the client sees it."""
        return cls(
            id=mail.id,
            kind=mail.kind,
            to="support" if mail.to_support else "client",
            account=mail.account,
            contract=mail.content.contract,
            cause=mail.cause,
            status=mail.status,
            attempts=mail.attempts,
            created_at=mail.created_at,
            due=mail.due if mail.status == "queued" else None,
            sent_at=mail.sent_at,
            address=mail.personal.address if mail.personal else None,
            subject=mail.personal.subject if mail.personal else None,
            language=mail.language,
            wording=mail.wording,
            reason=mail.reason,
            answer=mail.answer if staff else None,
            names=names_of(mail.kind),
        )


class LetterView(Tolerant):
    """The words of a mail as it was sent last."""

    mail: str
    subject: str | None = Field(description="Null before it is sent, and once the person is erased.")
    text: str | None = Field(
        description="Null before it is sent, once a person of the account is erased, and for older mails."
    )
    html: str | None = Field(description="The same words as HTML; null as the text is.")

    @classmethod
    def of(cls, mail: Mail, letter: SentLetter | None) -> Self:
        """The words, as far as they are kept."""
        return cls(
            mail=mail.id,
            subject=mail.personal.subject if mail.personal else None,
            text=letter.text if letter else None,
            html=letter.html if letter else None,
        )


class TemplateSummary(Tolerant):
    """A template in a list."""

    kind: Kind
    language: Language
    own: bool = Field(description="Whether the organisation has its own words; otherwise the default ones are used.")
    subject: str
    version: int
    names: Names


class TemplateView(Tolerant):
    """A template with its words and the variables that they may use."""

    kind: Kind
    language: Language
    own: bool = Field(description="Whether these are the organisation's own words, and not the default ones.")
    subject: str
    body: str
    variables: list[Variable] = Field(description="The variables that the words may use.")
    names: Names


class WordsIn(Body):
    """An organisation's own words."""

    subject: str = Field(description="One line.")
    body: str = Field(description="Paragraphs, headings, lists and tables in the small markup of templates.")

    def words(self) -> Words:
        """The words, with the line breaks of one kind."""
        return Words(subject=self.subject, body=self.body.replace("\r\n", "\n"))


class PreviewIn(Body):
    """What to preview: words not yet saved or those in use, with sample facts or those of a mail."""

    words: WordsIn | None = Field(default=None, description="The words to try. By default, those in use.")
    mail: Id | None = Field(
        default=None, description="A mail of this kind, to preview with its facts. By default, a sample."
    )


class PreviewView(Tolerant):
    """A mail as it would be sent."""

    subject: str
    text: str
    html: str

    @classmethod
    def of(cls, written: Written) -> Self:
        """The rendered mail."""
        return cls(subject=written.subject, text=written.text, html=written.html)


def names_of(kind: Kind) -> dict[Language, str]:
    """What a kind of mail is called in each language."""
    return {language: name_of(kind, language) for language in LOCALES}


def words_of(template: Template) -> Words:
    """The words in use: the organisation's own or the default ones."""
    return template.words or default_words(template.kind, template.language)


def summary_of(template: Template) -> TemplateSummary:
    """The template in a list."""
    return TemplateSummary(
        kind=template.kind,
        language=template.language,
        own=template.words is not None,
        subject=words_of(template).subject,
        version=template.version,
        names=names_of(template.kind),
    )


def view_of(template: Template) -> TemplateView:
    """The template with its words."""
    words = words_of(template)
    return TemplateView(
        kind=template.kind,
        language=template.language,
        own=template.words is not None,
        subject=words.subject,
        body=words.body,
        variables=variables_of(template.kind),
        names=names_of(template.kind),
    )
