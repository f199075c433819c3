"""Refusals in the words of the person in front of the page."""

import string
from typing import Any

from backoffice.apis import Problem, ServiceAwayError
from backoffice.languages import N_, Language
from backoffice.problems.sentences import SENTENCES

_BY_STATUS = {
    403: N_("Your role does not allow this."),
    404: N_("There is no such thing in your organisation."),
    409: N_("This cannot be done as things are now. Look at them again."),
    412: N_("This has changed since you opened it. Look at it as it is now, then decide again."),
    422: N_("Something that you entered is not right. Check it."),
}
_OTHERWISE = N_("This could not be done. Try again; if it stays, ask for help.")

_SERVICES = {
    "catalog": N_("The catalogue"),
    "contracts": N_("Contracts and families"),
    "payments": N_("Payments"),
    "credits": N_("Credits"),
    "notifications": N_("Mails"),
}


def sentence(problem: Problem, language: Language, currency: str) -> str:
    """What a refusal means and what to do. ``currency`` is the organisation's, of the amounts in it.

    A problem type that is newer than this release, or one whose values are not there, is described by its status.
    """
    written = SENTENCES.get(problem.slug)
    if written is not None:
        try:
            return _Values(language, currency).vformat(language.gettext(written), (), problem.params)
        except (KeyError, ValueError, TypeError):
            pass
    return language.gettext(_BY_STATUS.get(problem.status, _OTHERWISE))


def service_name(service: str, language: Language) -> str:
    """What people call the part of Carnet that a service is."""
    return language.gettext(_SERVICES.get(service, service))


def away_sentence(error: ServiceAwayError, language: Language) -> str:
    """What it means that a service did not answer, and what to do."""
    name = service_name(error.service, language)
    if error.sent:
        text = language.gettext(
            "{service}: no answer in time, and it may have been done. Send the same form again: it is done once."
        )
    else:
        text = language.gettext("{service}: no answer just now, and nothing has changed. Try again in a few seconds.")
    return text.format(service=name)


class _Values(string.Formatter):
    """Writes the values of a problem as the language does."""

    def __init__(self, language: Language, currency: str) -> None:
        self._language = language
        self._currency = currency

    def format_field(self, value: Any, format_spec: str) -> str:
        """A value in a sentence."""
        match format_spec:
            case "money":
                return self._language.money({"amount": int(value), "currency": self._currency})
            case "day":
                return self._language.day(value)
            case _:
                return str(value)
