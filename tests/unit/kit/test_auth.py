"""Tokens: which are taken, which are not, and what the caller is answered."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

from carnet import auth, keys
from carnet.auth import TokenRefusedError, Tokens
from carnet.ids import new_id
from carnet.keys import KeyAddress, KeyNotFoundError, KeysUnavailableError
from carnet.refusals import Kind, Refusal
from carnet.settings import Issuer
from tests.callers import AUDIENCE, ISSUER, Signer
from tests.waits import BOUND

ORGANISATION, ACCOUNT = new_id(), new_id()
HOUR = 3600


@pytest.fixture(autouse=True)
def _addresses_have_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What answers is waited for, however busy the machine is."""
    monkeypatch.setattr(keys, "PATIENCE", BOUND)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer.make(tmp_path)


async def refused(signer: Signer, token: str) -> TokenRefusedError:
    with pytest.raises(TokenRefusedError) as refusal:
        await Tokens([signer.issuer]).verify(token)
    assert token not in refusal.value.detail
    return refusal.value


async def test_a_token_gives_its_principal(signer: Signer) -> None:
    token = signer.token(ORGANISATION, "contracts:read contracts:write", kind="support", sub="s-7")
    principal = await Tokens([signer.issuer]).verify(token)
    assert principal.organisation == ORGANISATION
    assert str(principal.actor) == "support:s-7"
    assert principal.scopes == {"contracts:read", "contracts:write"}
    assert token not in repr(principal)


async def test_a_scope_is_denied_unless_the_token_carries_it(signer: Signer) -> None:
    principal = await Tokens([signer.issuer]).verify(signer.token(ORGANISATION, "contracts:read"))
    principal.require("contracts:read")
    for scope in ("contracts:write", "contracts", "contracts:rea", ""):
        with pytest.raises(Refusal) as refusal:
            principal.require(scope)
        assert (refusal.value.kind, refusal.value.rule) == (Kind.FORBIDDEN, "ORG-2")


async def test_a_client_sees_its_own_account_and_staff_all(signer: Signer) -> None:
    tokens = Tokens([signer.issuer])
    client = await tokens.verify(signer.token(ORGANISATION, kind="client", account=ACCOUNT))
    assert [client.sees(ACCOUNT), client.sees(new_id()), client.sees(None)] == [True, False, False]
    staff = await tokens.verify(signer.token(ORGANISATION))
    assert [staff.sees(ACCOUNT), staff.sees(None)] == [True, True]


@pytest.mark.parametrize(
    ("claims", "slug"),
    [
        ({"exp": int(time.time()) - 60}, "token-expired"),
        ({"exp": None}, "token-claims"),
        ({"exp": "soon"}, "token-signature"),
        ({"nbf": int(time.time()) + 24 * 3600}, "token-not-yet-valid"),
        ({"aud": "another"}, "token-audience"),
        ({"aud": None}, "token-claims"),
        ({"iss": "https://other.example.org"}, "token-unknown-issuer"),
        ({"iss": None}, "token-unknown-issuer"),
        ({"org": None}, "token-claims"),
        ({"org": "*"}, "token-claims"),
        ({"org": {"$ne": 1}}, "token-claims"),
        ({"sub": None}, "token-claims"),
        ({"sub": ""}, "token-claims"),
        ({"kind": "god"}, "token-claims"),
        ({"kind": None}, "token-claims"),
        ({"kind": "client"}, "token-claims"),
        ({"kind": "client", "account": "mine"}, "token-claims"),
        ({"scope": ["contracts:read"]}, "token-claims"),
    ],
)
async def test_a_token_with_other_claims_is_refused(signer: Signer, claims: dict[str, Any], slug: str) -> None:
    assert (await refused(signer, signer.token(ORGANISATION, **claims))).slug == slug


async def test_an_unsigned_or_symmetric_token_is_refused(signer: Signer) -> None:
    claims = signer.claims(ORGANISATION)
    unsigned = jwt.encode(claims, "", algorithm="none")
    assert (await refused(signer, unsigned)).slug == "token-algorithm"
    # The classic confusion: the public key, which everybody has, used as the secret of an HMAC.
    assert signer.issuer.key_file is not None
    header = orjson.dumps({"alg": "HS256", "typ": "JWT"})
    signed_with_public = ".".join(
        (
            jwt.utils.base64url_encode(header).decode(),
            jwt.utils.base64url_encode(orjson.dumps(claims)).decode(),
            jwt.utils.base64url_encode(b"x" * 32).decode(),
        )
    )
    assert (await refused(signer, signed_with_public)).slug == "token-algorithm"


async def test_a_token_signed_with_another_key_or_changed_is_refused(signer: Signer, tmp_path: Path) -> None:
    assert (await refused(signer, Signer.make(tmp_path).token(ORGANISATION))).slug == "token-signature"
    header, _, signature = signer.token(ORGANISATION).split(".")
    other = jwt.utils.base64url_encode(orjson.dumps(signer.claims(new_id()))).decode()
    assert (await refused(signer, f"{header}.{other}.{signature}")).slug == "token-signature"


async def test_a_key_of_another_kind_than_the_algorithm_is_refused(signer: Signer) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    token = jwt.encode(signer.claims(ORGANISATION), key, algorithm="RS256")
    assert (await refused(signer, token)).slug == "token-signature"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "é.é.é", "e30.e30.", "x" * 9_000])
async def test_what_is_no_token_is_refused(signer: Signer, token: str) -> None:
    with pytest.raises(TokenRefusedError) as refusal:
        await Tokens([signer.issuer]).verify(token)
    assert refusal.value.slug in {"token-malformed", "token-unknown-issuer"}


@pytest.mark.parametrize(
    ("algorithm", "make"),
    [
        ("RS256", lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)),
        ("ES256", lambda: ec.generate_private_key(ec.SECP256R1())),
        ("EdDSA", ed25519.Ed25519PrivateKey.generate),
    ],
)
async def test_each_asymmetric_algorithm_is_taken(algorithm: str, make: Callable[[], Any], tmp_path: Path) -> None:
    key = make()
    file = tmp_path / "key.pem"
    file.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    signer = Signer(key, Issuer(issuer=ISSUER, audience=AUDIENCE, key_file=file))
    token = jwt.encode(signer.claims(ORGANISATION), key, algorithm=algorithm)
    assert (await Tokens([signer.issuer]).verify(token)).organisation == ORGANISATION


async def test_a_remembered_token_still_expires(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens([signer.issuer])
    token = signer.token(ORGANISATION, exp=int(time.time()) + HOUR // 2)
    assert await tokens.verify(token) is await tokens.verify(token)
    # An hour passes, by the clock of what is remembered and by that of the signatures.
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: time.time() + HOUR))
    monkeypatch.setattr(auth, "LEEWAY", -HOUR)
    with pytest.raises(TokenRefusedError) as refusal:
        await tokens.verify(token)
    assert refusal.value.slug == "token-expired"


async def test_remembered_tokens_are_bounded(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "MOST_REMEMBERED", 2)
    tokens = Tokens([signer.issuer])
    issued = [signer.token(ORGANISATION, sub=f"s-{index}") for index in range(3)]
    first = await tokens.verify(issued[0])
    for token in issued[1:]:
        await tokens.verify(token)
    assert await tokens.verify(issued[0]) is not first


class Address:
    """A JWKS address whose keys and health a test sets."""

    def __init__(self, *kids: str) -> None:
        self.private = {kid: ec.generate_private_key(ec.SECP256R1()) for kid in kids}
        self.fails = False
        self.asked = 0

    def __call__(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.fails:
            raise httpx.ConnectError("down")
        shown = [ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid} for kid, key in self.private.items()]
        return httpx.Response(200, json={"keys": shown})

    def keys(self) -> KeyAddress:
        return KeyAddress("https://login.example.org/keys", httpx.MockTransport(self))


async def test_keys_of_an_address_are_read_once_for_all_who_wait() -> None:
    address = Address("one", "two")
    known = address.keys()
    found = await asyncio.gather(*(known.find(kid) for kid in ("one", "two") * 10))
    assert address.asked == 1
    assert found[0].public_numbers() == address.private["one"].public_key().public_numbers()


async def test_an_unknown_key_makes_them_read_again_but_not_too_often(monkeypatch: pytest.MonkeyPatch) -> None:
    address = Address("one")
    known = address.keys()
    await known.find("one")
    address.private["two"] = ec.generate_private_key(ec.SECP256R1())
    for _ in range(5):
        with pytest.raises(KeyNotFoundError):
            await known.find("two")
    assert address.asked == 1
    monkeypatch.setattr(keys, "SHORTEST_INTERVAL", 0.0)
    assert await known.find("two") is not None
    assert address.asked == 2


async def test_while_the_address_is_away_known_keys_serve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys, "SHORTEST_INTERVAL", 0.0)
    monkeypatch.setattr(keys, "FRESH_FOR", 0.0)
    address = Address("one")
    known = address.keys()
    await known.find("one")
    address.fails = True
    assert await known.find("one") is not None
    with pytest.raises(KeysUnavailableError):
        await address.keys().find("one")


async def test_a_withdrawn_key_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "SHORTEST_INTERVAL", 0.0)
    address = Address("one", "two")
    known = address.keys()
    await known.find("two")
    del address.private["two"]
    monkeypatch.setattr(keys, "FRESH_FOR", 0.0)
    await known.find("two")  # the old ones serve while new ones are read
    assert known._reading is not None
    await known._reading
    with pytest.raises(KeyNotFoundError):
        await known.find("two")


async def test_without_keys_the_caller_is_asked_to_try_again() -> None:
    issuer = Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_url="http://127.0.0.1:1/keys")
    key = ec.generate_private_key(ec.SECP256R1())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 60, "sub": "s", "org": ORGANISATION}
    token = jwt.encode(claims | {"kind": "user"}, key, algorithm="ES256", headers={"kid": "one"})
    with pytest.raises(Refusal) as refusal:
        await Tokens([issuer]).verify(token)
    assert refusal.value.kind is Kind.UNAVAILABLE


def test_a_private_key_or_none_is_no_key_file(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_bytes(b"-----BEGIN NOTHING-----")
    with pytest.raises(ValueError, match="no public key"):
        Tokens([Issuer(issuer=ISSUER, audience=AUDIENCE, key_file=file)])
