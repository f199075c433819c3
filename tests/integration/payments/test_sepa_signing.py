"""A client signs a mandate by a link, in French or English; what proves it is kept with the mandate (PAY-18)."""

import html
import re
from hashlib import sha256
from typing import Any

import pytest

from carnet.dates import read_instant, write_instant
from carnet.ids import new_id
from carnet.journal import ROWS
from payments.sepa.store.mandates import MANDATES
from tests.integration.payments.conftest import Desk
from tests.integration.payments.debiting import CREDITOR, IBAN, with_settings
from tests.integration.payments.received_records import Family, Story, organisation_record
from tests.refused import problem

BROWSER = {"Accept": "text/html", "User-Agent": "Firefox/150", "X-Forwarded-For": "198.51.100.4, 203.0.113.9"}
WHO = {"holder": "Inès Martin", "iban": "FR76 3000 6000 0112 3456 7890 189"}


def hidden(page: str) -> dict[str, str]:
    """What the page keeps of the one before."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


async def linked(desk: Desk, family: Family, language: str = "fr") -> str:
    await desk.payments.handles(family.changed())
    answer = await desk.post(f"/v1/accounts/{family.account}/mandate-links", {"language": language})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["address"].removeprefix("/payments"))


async def test_pay_18_staff_invites_a_family_by_mail_and_no_event_has_the_link(desk: Desk, family: Family) -> None:
    await desk.payments.handles(family.changed())
    path = f"/v1/accounts/{family.account}/mandate-invitations"
    problem(await desk.post(path, None), 409, "sepa-settings-missing")
    await with_settings(desk)
    key = new_id()
    answers = [await desk.post(path, None, key=key) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    (row,) = await desk.payments.database[ROWS].find({"aggregate": answers[0].json()["id"]}).to_list(None)
    assert row["data"] == {
        "account": family.account,
        "invitation": answers[0].json()["id"],
        "creditor": CREDITOR["name"],
        "notice_days": 14,
        "currency": "EUR",
        "effective_on": row["data"]["effective_on"],
    }
    problem(await desk.post(f"/v1/accounts/{new_id()}/mandate-invitations", None), 404, "unknown-account")
    problem(await desk.post(path, None, organisation=new_id()), 404, "unknown-account")
    refused = await desk.post(path, None, kind="client", account=family.account)
    assert refused.status_code == 403, refused.text


async def sent(desk: Desk, link: str, form: dict[str, str], status: int = 200) -> str:
    answer = await desk.client.post(link, data=form, headers=BROWSER)
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store"), answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    return answer.text


async def mandates(desk: Desk, family: Family) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await desk.get(f"/v1/accounts/{family.account}/mandates")).json()["mandates"]
    return found


async def test_pay_18_a_client_reads_and_signs_by_a_link_once_however_often_it_is_sent(
    desk: Desk, family: Family
) -> None:
    await with_settings(desk)
    link = await linked(desk, family)
    first = await desk.client.get(link, headers=BROWSER)
    assert "Titulaire du compte" in first.text
    shown = await sent(desk, link, WHO)
    assert "Mandat de prélèvement SEPA" in shown
    assert "se terminant par 0189" in shown
    assert await mandates(desk, family) == [], "what was only read is not signed"
    form = {**hidden(shown), "signer": "Inès Martin"}
    for _ in range(2):
        assert "le mandat est signé" in await sent(desk, link, form)
    (mandate,) = await mandates(desk, family)
    assert (mandate["how"], mandate["holder"], mandate["iban_ending"]) == ("online", "Inès Martin", "0189")
    proof = mandate["proof"]
    assert (proof["signer"], proof["address"], proof["agent"]) == ("Inès Martin", "203.0.113.9", "Firefox/150")
    assert (proof["by"], html.escape(proof["text"].splitlines()[0]) in shown) == (f"client:{family.account}", True)
    lines = (proof["text"], "Inès Martin", write_instant(read_instant(proof["at"])), "203.0.113.9")
    assert proof["digest"] == sha256("\n".join(lines).encode()).hexdigest()
    (row, *_) = await desk.payments.published(mandate["id"])
    assert row["data"]["digest"] == proof["digest"]
    methods = (await desk.get(f"/v1/accounts/{family.account}/payment-methods")).json()["methods"]
    assert [(each["id"], each["default"]) for each in methods] == [(mandate["id"], True)]
    kept = await desk.payments.database[MANDATES.name].find_one({"_id": mandate["id"]})
    assert IBAN not in str(kept)


async def test_pay_18_the_page_says_what_is_missing_or_wrong_in_its_language(desk: Desk, family: Family) -> None:
    await with_settings(desk)
    link = await linked(desk, family, "en")
    assert "not a valid IBAN" in await sent(desk, link, {**WHO, "iban": "FR76 3000"}, 422)
    assert "cannot be debited here" in await sent(desk, link, {**WHO, "iban": "GB33BUKB20201555555555"}, 422)
    assert "Enter whose bank account it is" in await sent(desk, link, {"iban": WHO["iban"]}, 422)
    shown = await sent(desk, link, {**WHO, "holder": '<b>"Inès"</b>'})
    assert "<b>" not in shown
    assert hidden(shown)["holder"] == '<b>"Inès"</b>'
    assert "Type your name to sign" in await sent(desk, link, {**hidden(shown), "signer": " "}, 422)
    assert "not a valid IBAN" in await sent(desk, link, {"holder": "x" * 9_000}, 422)
    assert await mandates(desk, family) == []


async def test_pay_18_what_is_signed_is_what_was_shown(desk: Desk, family: Family) -> None:
    await with_settings(desk)
    link = await linked(desk, family)
    form = {**hidden(await sent(desk, link, WHO)), "signer": "Inès Martin"}
    await desk.put("/v1/sepa-settings", {**CREDITOR, "name": "Autre école"}, version=1)
    again = await sent(desk, link, form)
    assert "Autre école" in again
    assert await mandates(desk, family) == [], "another text was shown: it is read first"
    changed = {**hidden(again), "holder": "Zoé Martin", "signer": "Inès Martin"}
    assert "Zoé Martin" in await sent(desk, link, changed)
    assert await mandates(desk, family) == []


@pytest.mark.parametrize("wrong", ["no-link", "eyJ.abc"])
async def test_org_1_a_wrong_link_leads_to_nothing(desk: Desk, wrong: str) -> None:
    problem(await desk.client.get(f"/v1/mandate-links/{wrong}"), 404, "unknown-link")
    problem(await desk.client.post(f"/v1/mandate-links/{wrong}"), 404, "unknown-link")


async def test_pay_18_only_staff_writes_links_and_only_where_debits_are_set_up(desk: Desk, family: Family) -> None:
    await desk.payments.handles(family.changed())
    path, body = f"/v1/accounts/{family.account}/mandate-links", {"language": "fr"}
    problem(await desk.post(path, body), 409, "sepa-settings-missing")
    await with_settings(desk)
    problem(await desk.post(path, body, scopes="payments:read"), 403, "scope-missing")
    await desk.payments.handles(organisation_record(other := "01900000-0000-7000-8000-0000000000e1"))
    problem(await desk.post(path, body, organisation=other), 404, "unknown-account")
    link = await linked(desk, family)
    await desk.payments.handles(Story(family).opened(900))
    assert (await desk.client.get(link, headers=BROWSER)).status_code == 200
