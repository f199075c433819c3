"""Every page of the back office, by subject: what is looked at in French and English, by axe, and on screenshots.

A subject has a module in ``tests/backoffice/subjects`` with ``PAGES`` and ``answers``. A page that is in no such list
fails a test.
"""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from carnet_operations.tokens import TEST_ORGANISATION
from tests.backoffice.front import FakeFront

SUBJECTS = sorted(path.stem for path in (Path(__file__).parent / "subjects").glob("*.py"))

NAMES = {
    "account": "01900000-0000-7000-8000-00000000000a",
    "contract": "01900000-0000-7000-8000-0000000000c1",
    "paid_contract": "01900000-0000-7000-8000-0000000000c2",
    "product": "01900000-0000-7000-8000-0000000000d1",
    "credit": "01900000-0000-7000-8000-0000000000e1",
    "mail": "01900000-0000-7000-8000-0000000000f1",
}
"""The names in braces in an address: these ids with hand-written APIs, those of the demo school in a browser."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as somebody sees it.

    Attributes:
        name: Of the screenshot.
        address: With names of ``NAMES`` in braces.
        role: Who looks at it; None if nobody is signed in.
        status: What it is answered with.
        dark: Whether a screenshot in the dark is wanted too.
        files: Chosen in the form at the address and sent: the page is the answer to them. Their names and contents.
        rounds: How often it may ask the APIs, one time after the other.
        weight: Bytes that it may have with its style and its script, before they are compressed.
    """

    name: str
    address: str
    role: str | None = "secretary"
    status: int = 200
    dark: bool = False
    files: tuple[tuple[str, bytes], ...] = ()
    rounds: int = 2
    weight: int = 60_000

    def at(self, names: Mapping[str, str] = NAMES) -> str:
        """Its address with real ids."""
        return self.address.format_map(names)


def pages() -> Iterator[Page]:
    """All of them."""
    for subject in SUBJECTS:
        yield from importlib.import_module(f"tests.backoffice.subjects.{subject}").PAGES


def answer_all(front: FakeFront) -> None:
    """Have the hand-written APIs answer what every page asks."""
    front.answers["GET /catalog/v1/organisation"] = {
        "id": TEST_ORGANISATION,
        "name": "École Pas de Deux",
        "currency": "EUR",
        "time_zone": "Europe/Paris",
        "languages": ["fr", "en"],
        "contact": {},
        "support_email": "support@carnet.example",
        "mode": "test",
        "clock_ahead": 0,
        "today": "2027-09-20",
        "version": 1,
    }
    for subject in SUBJECTS:
        importlib.import_module(f"tests.backoffice.subjects.{subject}").answers(front)
