"""The paper of an account statement (PAY-16). It is made when it is asked for, and not kept."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from carnet.paper.typesetting import typeset
from payments.accounts.domain import Names
from payments.statements.domain import Statement
from payments.statements.paper.content import Letterhead, content_of

__all__ = ["Letterhead", "render"]

_TEMPLATE = Path(__file__).parent / "statement.typ"


def render(
    statement: Statement, names: Names, numbers: Mapping[str, str | None], letterhead: Letterhead, *, made_on: date
) -> bytes:
    """The PDF of a statement; ``numbers`` are those of the contracts, by their ids.

    Works for 20 ms to a few seconds: call it in a thread where a loop runs.
    Raises ``carnet.paper.typesetting.TypesettingError``.
    """
    return typeset(_TEMPLATE, content_of(statement, names, numbers, letterhead, made_on), made_on=made_on)
