"""Every kind of mail, and every reason why one is not sent, has its words in the pages."""

from typing import get_args

from backoffice.mails.calls import REASONS
from backoffice.mails.kinds import KINDS, STATES
from notifications.domain.mails import Reason, Status
from notifications.mails import KINDS as SENT


def test_each_kind_of_mail_has_its_words() -> None:
    assert set(KINDS) == set(SENT)


def test_each_status_and_each_reason_have_their_words() -> None:
    assert set(STATES) == set(get_args(Status))
    assert set(REASONS) == set(get_args(Reason))
