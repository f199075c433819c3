"""A link in a mail leads to one paper, for so many days, and only with a key of this installation."""

import time

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from carnet.links import DAYS, BadLinkError, ExpiredLinkError, LinkKeys, Links, Paper
from tests.links import LINK_KEYS, LINKS

PAPER = Paper("invoice", "an-organisation", ("an-invoice", "über"), "fr")
FIRST, SECOND = "k" * 32, "l" * 40


def links(*keys: str) -> Links:
    return Links(SecretStr(", ".join(keys)))


def test_a_link_leads_to_its_paper_in_plain_letters() -> None:
    link = LINKS.written(PAPER)
    assert LINKS.read(link) == PAPER
    assert set(link) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@pytest.mark.parametrize("place", [0, 10, -30, -1])
def test_a_link_that_was_changed_or_cut_leads_to_nothing(place: int) -> None:
    link = LINKS.written(PAPER)
    changed = link[:place] + ("A" if link[place] != "A" else "Q") + (link[place + 1 :] if place != -1 else "")
    # The last character has bits that mean nothing, so it is cut off instead.
    for wrong in (changed if place != -1 else link[:-1], link[: len(link) // 2], "", ".", "a.b.c", f"{link}x"):
        with pytest.raises(BadLinkError):
            LINKS.read(wrong)


def test_a_link_expires_and_still_says_to_what_it_led(monkeypatch: pytest.MonkeyPatch) -> None:
    link, now = LINKS.written(PAPER), time.time()
    monkeypatch.setattr(time, "time", lambda: now + DAYS * 86_400 - 60)
    assert LINKS.read(link) == PAPER
    monkeypatch.setattr(time, "time", lambda: now + DAYS * 86_400 + 60)
    with pytest.raises(ExpiredLinkError) as caught:
        LINKS.read(link)
    assert caught.value.paper == PAPER


def test_a_key_is_replaced_by_putting_a_new_one_first() -> None:
    old, both, new = links(FIRST), links(SECOND, FIRST), links(SECOND)
    assert both.read(old.written(PAPER)) == PAPER
    assert new.read(both.written(PAPER)) == PAPER
    with pytest.raises(BadLinkError):
        new.read(old.written(PAPER))


@pytest.mark.parametrize("keys", ["", "short", f"{FIRST},", f"{FIRST},short"])
def test_a_key_that_is_too_short_is_refused(keys: str) -> None:
    adapter: TypeAdapter[SecretStr] = TypeAdapter(LinkKeys)
    with pytest.raises(ValidationError, match="keys of at least 32 characters"):
        adapter.validate_python(keys)
    assert adapter.validate_python(LINK_KEYS) == LINK_KEYS
