"""Links to papers in mails: anyone who has one may read that paper, without a token, until it expires.

Notifications writes them, and the service that keeps the paper reads them; both have the same keys. A link is
signed and dated by ``itsdangerous``, and names the paper by ids alone.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from pydantic import AfterValidator, SecretStr

DAYS = 30
"""How long a link serves, in days from its writing."""

_SHORTEST_KEY = 32


def _long_enough(keys: SecretStr) -> SecretStr:
    if any(len(key) < _SHORTEST_KEY for key in _apart(keys)):
        raise ValueError(f"write keys of at least {_SHORTEST_KEY} characters, separated by commas")
    return keys


def _apart(keys: SecretStr) -> list[str]:
    return [key.strip() for key in keys.get_secret_value().split(",")]


LinkKeys = Annotated[SecretStr, AfterValidator(_long_enough)]
"""A setting: keys of at least 32 characters, separated by commas. The first signs, all verify; so a key is replaced by
putting a new one first, and removing the old one ``DAYS`` later."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a link leads to: a ``kind`` of paper, the ids that it is ``about``, and the language of its reader."""

    kind: str
    organisation: str
    about: tuple[str, ...]
    language: str


class BadLinkError(Exception):
    """No link of this installation: something of it is missing or was changed, or its key is no longer used."""


class ExpiredLinkError(Exception):
    """It led to ``paper``, and is too old."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(paper.kind)
        self.paper = paper


class Links:
    """Writes and reads links with the same keys."""

    def __init__(self, keys: LinkKeys) -> None:
        # itsdangerous signs with the last key.
        self._serializer = _serializer(_apart(keys)[::-1])

    def written(self, paper: Paper) -> str:
        """The link, of letters, digits, ``-``, ``_`` and ``.``."""
        return self._serializer.dumps([paper.kind, paper.organisation, list(paper.about), paper.language])

    def read(self, link: str) -> Paper:
        """The paper that it leads to. Raises ``BadLinkError`` or ``ExpiredLinkError``."""
        try:
            return _paper(self._serializer.loads(link, max_age=DAYS * 86_400))
        except SignatureExpired as error:
            raise ExpiredLinkError(_paper(self._serializer.load_payload(error.payload or b""))) from error
        except BadSignature as error:
            raise BadLinkError from error


def last_day(now: datetime) -> datetime:
    """Until when a link that is written now serves."""
    return now.astimezone(UTC) + timedelta(days=DAYS)


def _serializer(keys: Sequence[str]) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(list(keys), salt="carnet.links", signer_kwargs={"digest_method": hashlib.sha256})


def _paper(payload: Any) -> Paper:
    kind, organisation, about, language = payload
    return Paper(kind, organisation, tuple(about), language)
