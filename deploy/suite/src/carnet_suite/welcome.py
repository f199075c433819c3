"""What a suite greets with: a test organisation and a token of its staff."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from carnet_operations.tokens import TEST_ORGANISATION, WORKING_DAY
from carnet_suite.signing_in.people import OTHER_ORGANISATION
from carnet_suite.supervisor import Suite, SuiteError

_PROFILE = {
    "name": "École de danse (essai)",
    "currency": "EUR",
    "time_zone": "Europe/Paris",
    "languages": ["fr", "en"],
    "support_email": "support@carnet.example",
    "mode": "test",
}
_ANSWERS_IN_S = 60.0


@dataclass(frozen=True, slots=True)
class Welcome:
    """A token to begin with. `until` is written in the time zone of this machine."""

    organisation: str
    token: str
    until: str


def welcome(suite: Suite) -> Welcome:
    """The test organisation, made on the first start, and a token of its staff with every scope.

    Raises:
        SuiteError: catalog does not make the organisation.
    """
    token = suite.token(TEST_ORGANISATION)
    address = f"{suite.url('catalog')}/v1/organisation"
    _make_organisation(address, token, _PROFILE)
    _make_organisation(address, suite.token(OTHER_ORGANISATION), {**_PROFILE, "name": "École de voile (essai)"})
    until = datetime.now(UTC).astimezone() + WORKING_DAY
    return Welcome(f"the test organisation {TEST_ORGANISATION}", token, f"{until:%Y-%m-%d %H:%M}")


def _make_organisation(address: str, token: str, profile: Mapping[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(headers=headers, timeout=_ANSWERS_IN_S) as client:
        try:
            if client.get(address).status_code == httpx.codes.NOT_FOUND:
                client.put(address, json=profile).raise_for_status()
        except httpx.HTTPError as error:
            raise SuiteError(f"The test organisation could not be made: {error}. See `carnet logs catalog`.") from error
