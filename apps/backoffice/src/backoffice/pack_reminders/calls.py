"""What the page asks of credits, and what it says in words."""

from backoffice.apis import Json
from backoffice.languages import N_, Language

REMINDERS = "/credits/v1/pack-reminders"
MOST_DAYS = 60
HIGHEST = 10**9

DAYS, FROM = N_("Days before the last day"), N_("From this hour")
LABELS = {"days_before": DAYS, "hour": FROM}
"""The fields, with their labels."""


def in_words(settings: Json, language: Language) -> dict[str, str]:
    """The settings in words, by the labels of their form."""
    days, hour = settings["days_before"], settings["hour"]
    return {
        language.gettext(DAYS): language.gettext("off") if days is None else language.number(days),
        language.gettext(FROM): f"{hour}:00",
    }
