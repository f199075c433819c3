"""A mail to be put in an organisation's own words: what goes to the process that writes it, and what comes back."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from carnet.events.catalog import Language
from carnet.refusals import Kind as RefusalKind
from carnet.refusals import Refusal
from notifications.domain.accounts import Account
from notifications.domain.content import Content, Kind
from notifications.domain.templates import Words
from notifications.templates.compose import compose
from notifications.templates.render import Written, try_out
from notifications.templates.views import Organisation


class Task(BaseModel):
    """Words and the facts that they are filled with."""

    words: Words
    kind: Kind
    language: Language
    content: Content
    account: Account
    organisation: Organisation


class Done(BaseModel):
    """The mail in these words."""

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
    view = compose(task.content, task.account, task.organisation)
    try:
        return Done(written=try_out(task.words, view, task.kind, task.language))
    except Refusal as refusal:
        return Refused(
            kind=refusal.kind, slug=refusal.slug, detail=refusal.detail, rule=refusal.rule, params=refusal.params
        )
