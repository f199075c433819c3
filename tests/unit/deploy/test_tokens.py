"""The tokens of the local suite are those that the services take."""

import stat
from datetime import timedelta
from pathlib import Path

import jwt
import pytest

from carnet.auth import TokenRefusedError, Tokens
from carnet.ids import new_id
from carnet.settings import Issuer
from carnet_operations.commands.tokens import duration
from carnet_operations.keys import ALGORITHM, AUDIENCE, ISSUER, KeyFiles, key_files
from carnet_operations.tokens import SCOPES, TokenError, make_token


@pytest.fixture
def keys(tmp_path: Path) -> KeyFiles:
    return key_files(tmp_path / "keys")


def verifier(keys: KeyFiles) -> Tokens:
    return Tokens((Issuer(issuer=ISSUER, audience=AUDIENCE, key_file=keys.public, algorithms=(ALGORITHM,)),))


async def test_a_service_takes_it(keys: KeyFiles) -> None:
    organisation = new_id()
    principal = await verifier(keys).verify(make_token(keys.private, organisation=organisation))
    assert principal.organisation == organisation
    assert principal.scopes == set(SCOPES)
    assert principal.actor.kind == "user"
    assert principal.account is None


async def test_a_client_is_bound_to_its_account(keys: KeyFiles) -> None:
    account = new_id()
    token = make_token(keys.private, kind="client", account=account, scopes=["contracts:read"])
    principal = await verifier(keys).verify(token)
    assert principal.account == account
    assert principal.scopes == {"contracts:read"}
    assert not principal.sees(new_id())


async def test_it_expires(keys: KeyFiles) -> None:
    token = make_token(keys.private, expires=timedelta(minutes=-1))
    with pytest.raises(TokenRefusedError) as refused:
        await verifier(keys).verify(token)
    assert "expired" in refused.value.slug


async def test_another_suite_does_not_take_it(keys: KeyFiles, tmp_path: Path) -> None:
    with pytest.raises(TokenRefusedError):
        await verifier(key_files(tmp_path / "other")).verify(make_token(keys.private))


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"scopes": ["contracts:fly"]}, "contracts:fly"),
        ({"kind": "client"}, "--account"),
        ({"account": "a"}, "--kind client"),
    ],
)
def test_what_would_be_refused_is_not_made(keys: KeyFiles, asked: dict[str, str], said: str) -> None:
    with pytest.raises(TokenError, match=said):
        make_token(keys.private, **asked)


def test_the_key_is_made_once_and_readable_by_its_owner_only(keys: KeyFiles) -> None:
    before = keys.private.read_bytes()
    assert stat.S_IMODE(keys.private.stat().st_mode) == 0o600
    assert key_files(keys.private.parent) == keys
    assert keys.private.read_bytes() == before
    assert b"PRIVATE" not in keys.public.read_bytes()
    assert jwt.get_unverified_header(make_token(keys.private))["alg"] == ALGORITHM


@pytest.mark.parametrize(("text", "hours"), [("30m", 0.5), ("12h", 12), ("7d", 168)])
def test_how_long_it_is_good_is_written_shortly(text: str, hours: float) -> None:
    assert duration(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "12", "h", "-1h", "1w", "1.5h"])
def test_any_other_duration_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="30m, 12h, 7d"):
        duration(text)
