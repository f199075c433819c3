"""Each kind of mail is called as notifications calls it, and each reason why one is not sent has its words."""

from typing import get_args

from backoffice.languages import LANGUAGES, Language
from backoffice.mails.calls import REASONS
from backoffice.mails.words import STATES, kind_of
from notifications.api.views import names_of
from notifications.domain.mails import Reason, Status
from notifications.mails import KINDS


def test_each_kind_of_mail_is_called_by_its_own_name_in_each_language() -> None:
    for code in LANGUAGES:
        names = {kind_of({"kind": kind, "names": names_of(kind)}, Language.of(code)) for kind in KINDS}
        assert len(names) == len(KINDS)
        assert names.isdisjoint(KINDS)


def test_a_mail_of_an_older_release_has_its_code_for_a_name() -> None:
    assert kind_of({"kind": "contract_paid"}, Language.of("fr")) == "contract_paid"


def test_each_status_and_each_reason_have_their_words() -> None:
    assert set(STATES) == set(get_args(Status))
    assert set(REASONS) == set(get_args(Reason))
