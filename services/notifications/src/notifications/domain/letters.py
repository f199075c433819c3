"""The words of a mail as they were sent, kept so that staff and clients can read them (NOT-3)."""

from carnet.decisions import State
from carnet.ids import Id
from notifications.domain.mails import Mail


class SentLetter(State):
    """What a mail said when the mail server accepted it last; ``id`` is the mail's.

    All of it is personal data: it goes once a person of the account is erased (ORG-4).
    """

    account: Id
    text: str
    html: str


def sent_letter(mail: Mail, text: str, html: str) -> SentLetter:
    """The words of a mail that was just accepted."""
    return SentLetter(id=mail.id, organisation=mail.organisation, version=0, account=mail.account, text=text, html=html)
