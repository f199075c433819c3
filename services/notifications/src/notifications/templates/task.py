"""A mail to be rendered in an organisation's own words: the task for the rendering process, and its outcome."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from carnet.events.catalog import Language
from carnet.refusals import Kind as RefusalKind
from carnet.refusals import Refusal
from notifications.domain.accounts import Account
from notifications.domain.templates import Words
from notifications.mails import MAILS, AnyFacts, Kind
from notifications.mails.composing import SAMPLE_LINK, Known, Link
from notifications.mails.views import Organisation, View
from notifications.templates.render import Written, try_out


class Task(BaseModel):
    """Words and the facts that they are filled with."""

    words: Words
    kind: Kind
    language: Language
    content: AnyFacts
    account: Account
    organisation: Organisation
    number: str = ""
    """The number of the contract that people say; empty if it has none."""
    link: Link = SAMPLE_LINK
    """The link to the paper that goes with the mail, to its page or its source."""

    def view(self) -> View:
        """The variables that the words are filled with."""
        known = Known(self.account, self.organisation, self.content.currency, self.number, self.link, self.language)
        return MAILS[self.kind].compose(self.content, known)


class Done(BaseModel):
    """The rendered mail."""

    outcome: Literal["done"] = "done"
    written: Written


class Refused(BaseModel):
    """The words are refused, with what the refusal says."""

    outcome: Literal["refused"] = "refused"
    kind: RefusalKind
    slug: str
    detail: str
    rule: str | None
    params: dict[str, Any]

    def refusal(self) -> Refusal:
        """The refusal as it was raised."""
        return Refusal(self.kind, self.slug, self.detail, rule=self.rule, **self.params)


class TooLarge(BaseModel):
    """Writing it took more memory than is allowed."""

    outcome: Literal["too_large"] = "too_large"


Outcome = Annotated[Done | Refused | TooLarge, Field(discriminator="outcome")]


def carry_out(task: Task) -> Outcome:
    """Check the words and write the mail."""
    try:
        return Done(written=try_out(task.words, task.view(), task.kind, task.language))
    except Refusal as refusal:
        return Refused(
            kind=refusal.kind, slug=refusal.slug, detail=refusal.detail, rule=refusal.rule, params=refusal.params
        )
