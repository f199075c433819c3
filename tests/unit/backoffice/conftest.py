"""The back office without a network."""

import pytest

from tests.backoffice.people import Office
from tests.backoffice.registry import answer_all


@pytest.fixture
def office() -> Office:
    """The application over hand-written APIs that answer what every page asks."""
    office = Office()
    answer_all(office.front)
    return office
