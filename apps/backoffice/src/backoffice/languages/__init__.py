"""French and English: texts from gettext catalogues, amounts and dates as each language writes them."""

from backoffice.languages.catalogues import N_, NP_
from backoffice.languages.choosing import chosen
from backoffice.languages.language import LANGUAGES, Language

__all__ = ["LANGUAGES", "NP_", "N_", "Language", "chosen"]
