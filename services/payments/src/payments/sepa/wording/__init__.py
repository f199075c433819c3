"""The words of a mandate, as a family reads them before it signs in a browser (PAY-18)."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files

from payments.invoices.domain.document import Language
from payments.sepa.domain.settings import Creditor

_TEXTS: Mapping[str, str] = tomllib.loads(files(__package__).joinpath("mandate.toml").read_text(encoding="utf-8"))


def mandate_text(creditor: Creditor, holder: str, ending: str, language: Language) -> str:
    """The mandate as it is shown and kept as a proof; ``ending`` is all that it says of the IBAN."""
    return (
        _TEXTS[language]
        .format(creditor=creditor.name, identifier=creditor.identifier, holder=holder, ending=ending)
        .strip()
    )
