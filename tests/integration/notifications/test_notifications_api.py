"""The API of notifications on a real MongoDB: lists, sending again, templates (NOT-2, NOT-3, ORG-1, ORG-2)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from carnet.ids import new_id
from carnet.journal import read as read_journal
from carnet_suite.servers import Servers
from notifications.app import build_api
from notifications.config import NotificationsSettings
from notifications.domain.templates import template_id
from tests.callers import Signer, client_of, command
from tests.integration.notifications.conftest import Office
from tests.integration.notifications.events import paid, refund_line
from tests.links import LINK_KEYS
from tests.unit.notifications.money_events import issued, refund_failed
from tests.unit.notifications.notification_builders import ACCOUNT, CONTRACT

SCOPES = "notifications:read notifications:write"


@dataclass
class Desk:
    """Staff of one organisation at the API."""

    client: httpx.AsyncClient
    office: Office
    signer: Signer

    def staff(self, scopes: str = SCOPES, organisation: str | None = None) -> dict[str, str]:
        return self.signer.headers(organisation or self.office.organisation, scopes)

    def family(self, account: str = ACCOUNT) -> dict[str, str]:
        return self.signer.headers(self.office.organisation, SCOPES, kind="client", account=account)

    async def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.get(path, headers=headers or self.staff())

    async def items(self, path: str, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
        answer = await self.get(path, headers)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@pytest.fixture
async def desk(office: Office, servers: Servers, namespace: str, tmp_path: Path) -> AsyncIterator[Desk]:
    signer = Signer.make(tmp_path)
    settings = NotificationsSettings(
        mongo_url=servers.mongo_url,
        kafka_bootstrap=servers.kafka_bootstrap,
        namespace=namespace,
        issuers=(signer.issuer,),
        smtp_host=servers.smtp_host,
        smtp_port=servers.smtp_port,
        mail_from="Carnet <no-reply@carnet.example>",
        link_keys=LINK_KEYS,
        public_url="http://front",
        payments_url="http://127.0.0.1:9",
        credits_url="http://127.0.0.1:9",
    )
    async with client_of(build_api(settings)) as client:
        await office.receive(office.school(), office.family())
        yield Desk(client, office, signer)


TEMPLATE = "/v1/templates/contract_paid/en"
OWN = {"subject": "All paid, {{ client.first_name }}", "body": "# Thank you\n{{ total }}\n"}


async def test_not_3_a_mail_is_read_as_it_was_sent_whatever_its_template_says_later(desk: Desk) -> None:
    office = desk.office
    await office.receive(office.record(paid(1_000)))
    (queued,) = await desk.items(f"/v1/accounts/{ACCOUNT}/mails")
    path = f"/v1/mails/{queued['id']}/letter"
    unsent = (await desk.get(path)).json()
    assert unsent == {"mail": queued["id"], "subject": None, "text": None, "html": None}
    await office.send_all(office.sender())
    (delivered,) = office.delivered()
    sent = (await desk.get(path)).json()
    assert (sent["text"].split(), sent["html"].split()) == (str(delivered.text).split(), str(delivered.html).split())
    assert sent["subject"] == delivered.subject
    assert (await desk.get(path, desk.family())).json() == sent
    for stranger in (desk.family(new_id()), desk.staff(organisation=new_id())):
        assert (await desk.get(path, stranger)).status_code == 404
    support = office.record(refund_line())
    await office.receive(support)
    (to_support,) = [mail for mail in await desk.items("/v1/mails") if mail["to"] == "support"]
    assert (await desk.get(f"/v1/mails/{to_support['id']}/letter", desk.family())).status_code == 404


async def test_the_mails_of_a_client_newest_first_page_by_page(desk: Desk) -> None:
    office = desk.office
    await office.receive(*(office.record(paid(1_000 + n)) for n in range(5)), office.record(refund_line()))
    await office.send_all(office.sender())
    path = f"/v1/accounts/{ACCOUNT}/mails"
    first = (await desk.get(f"{path}?limit=3")).json()
    second = (await desk.get(f"{path}?limit=3&cursor={first['next']}")).json()
    shown = [*first["items"], *second["items"]]
    assert second["next"] is None
    assert [mail["kind"] for mail in shown] == ["contract_paid"] * 5
    assert [mail["created_at"] for mail in shown] == sorted((mail["created_at"] for mail in shown), reverse=True)
    assert {(mail["status"], mail["address"], mail["to"]) for mail in shown} == {("sent", office.address, "client")}
    assert shown[0]["subject"] == "Your contract with École Étoile is fully paid"
    assert shown[0]["contract"] == CONTRACT
    assert await desk.items(f"{path}?contract={CONTRACT}") == shown
    assert await desk.items(f"{path}?contract={new_id()}") == []


async def test_a_mail_about_a_credit_without_a_contract_names_no_contract(desk: Desk) -> None:
    office = desk.office
    await office.receive(office.record(issued()), office.record(refund_failed()))
    await office.send_all(office.sender())
    listed = await desk.items(f"/v1/accounts/{ACCOUNT}/mails", desk.family())
    (mail,) = [mail for mail in listed if mail["kind"] != "refund_not_made"]
    assert "refund_failed" not in {mail["kind"] for mail in listed}
    assert (mail["kind"], mail["contract"], mail["status"]) == ("credit_granted", None, "sent")
    to_support = next(mail for mail in await desk.items("/v1/mails") if mail["to"] == "support")
    assert (to_support["kind"], to_support["contract"]) == ("refund_failed", CONTRACT)


async def test_staff_finds_what_failed_and_sends_it_again_once(desk: Desk) -> None:
    office = desk.office
    await office.receive(
        office.family(address="nobody@refused.example"), office.record(paid()), office.record(refund_line())
    )
    await office.send_all(office.sender())
    (failed,) = await desk.items("/v1/mails?status=failed")
    assert (failed["reason"], failed["attempts"]) == ("refused", 1)
    assert failed["answer"].startswith("550")
    assert len(await desk.items("/v1/mails")) == 2
    again = f"/v1/mails/{failed['id']}/send-again"
    shown = await desk.get(f"/v1/mails/{failed['id']}")
    assert shown.headers["etag"] == '"1"'
    await office.receive(office.family())
    headers = command(desk.staff(), version=1)
    once, twice = [await desk.client.post(again, headers=headers) for _ in range(2)]
    assert (once.status_code, once.json()["status"], once.headers["etag"]) == (200, "queued", '"2"')
    assert twice.content == once.content
    under_way = await desk.client.post(again, headers=command(desk.staff(), version=2))
    assert (under_way.status_code, under_way.json()["type"]) == (409, "urn:carnet:problem:mail-under-way")
    await office.send_all(office.sender())
    assert [mail.recipient for mail in office.delivered()].count(office.address) == 1
    rows = await read_journal(office.database, office.organisation, failed["id"])
    assert [row["type"].split(".")[2] for row in rows] == ["EmailFailed", "EmailRequeued", "EmailSent"]
    assert rows[1]["actor"] == "user:staff-1"


async def test_sending_again_asks_for_the_version_seen_and_a_key(desk: Desk) -> None:
    office = desk.office
    await office.receive(office.record(paid()))
    await office.send_all(office.sender())
    (mail,) = await desk.items("/v1/mails")
    again = f"/v1/mails/{mail['id']}/send-again"
    assert (await desk.client.post(again, headers=command(desk.staff()))).status_code == 428
    assert (await desk.client.post(again, headers=command(desk.staff(), version=0))).status_code == 412
    assert (await desk.client.post(again, headers={**desk.staff(), "If-Match": '"1"'})).status_code == 400
    reading = command(desk.staff("notifications:read"), version=1)
    assert (await desk.client.post(again, headers=reading)).status_code == 403
    assert len(await office.published()) == 1


async def test_a_client_reads_the_mails_to_its_own_account_only(desk: Desk) -> None:
    office = desk.office
    await office.receive(
        office.family(address="nobody@refused.example"), office.record(paid()), office.record(refund_line())
    )
    await office.send_all(office.sender())
    (mine,) = await desk.items(f"/v1/accounts/{ACCOUNT}/mails", desk.family())
    assert (mine["kind"], mine["answer"]) == ("contract_paid", None)
    to_support = next(mail["id"] for mail in await desk.items("/v1/mails") if mail["to"] == "support")
    assert (await desk.get(f"/v1/mails/{mine['id']}", desk.family())).status_code == 200
    assert (await desk.get(f"/v1/mails/{to_support}", desk.family())).status_code == 404
    stranger = desk.family(new_id())
    assert (await desk.get(f"/v1/mails/{mine['id']}", stranger)).status_code == 404
    assert (await desk.get(f"/v1/accounts/{ACCOUNT}/mails", stranger)).status_code == 404
    assert (await desk.get("/v1/mails", desk.family())).status_code == 403
    assert (await desk.get("/v1/templates", desk.family())).status_code == 403
    assert (await desk.get(TEMPLATE, desk.family())).status_code == 403
    writes = {**command(desk.family(), version=0)}
    assert (await desk.client.put(TEMPLATE, json=OWN, headers=writes)).status_code == 403
    assert (await desk.client.post(f"{TEMPLATE}/preview", json={}, headers=writes)).status_code == 403
    send = f"/v1/mails/{mine['id']}/send-again"
    assert (await desk.client.post(send, headers=command(desk.family(), version=1))).status_code == 403


async def test_another_organisation_sees_nothing(desk: Desk) -> None:
    office = desk.office
    await office.receive(office.record(paid()))
    await office.send_all(office.sender())
    (mail,) = await desk.items("/v1/mails")
    foreign = Office(office.database, office.servers, office.before)
    await foreign.receive(foreign.school())
    theirs = desk.staff(organisation=foreign.organisation)
    assert await desk.items("/v1/mails", theirs) == []
    assert (await desk.get(f"/v1/mails/{mail['id']}", theirs)).status_code == 404
    assert (await desk.get(f"/v1/accounts/{ACCOUNT}/mails", theirs)).status_code == 404
    again = f"/v1/mails/{mail['id']}/send-again"
    assert (await desk.client.post(again, headers=command(theirs, version=1))).status_code == 404
    await desk.client.put(TEMPLATE, json=OWN, headers=command(desk.staff(), version=0))
    assert (await desk.get(TEMPLATE, theirs)).json()["own"] is False
    preview = await desk.client.post(f"{TEMPLATE}/preview", json={"mail": mail["id"]}, headers=theirs)
    assert preview.status_code == 404


async def test_an_organisation_s_own_words_are_previewed_saved_sent_and_taken_back(desk: Desk) -> None:
    office = desk.office
    shown = await desk.get(TEMPLATE)
    assert (shown.json()["own"], shown.headers["etag"]) == (False, '"0"')
    assert {"name": "total", "sort": "amount", "parts": []} in shown.json()["variables"]
    preview = await desk.client.post(f"{TEMPLATE}/preview", json={"words": OWN}, headers=desk.staff())
    assert preview.json()["subject"] == "All paid, Camille"
    assert preview.json()["text"] == "Thank you\n=========\n\n€540.00\n"
    assert "<h1" in preview.json()["html"]
    assert (await desk.get(TEMPLATE)).json()["own"] is False
    saved = await desk.client.put(TEMPLATE, json=OWN, headers=command(desk.staff(), version=0))
    assert (saved.status_code, saved.json()["own"], saved.headers["etag"]) == (200, True, '"1"')
    await office.receive(office.record(paid(12_345)))
    await office.send_all(office.sender())
    (mail,) = office.delivered()
    assert mail.subject == "All paid, Camille"
    assert mail.text is not None
    assert "€123.45" in mail.text
    assert [listed["own"] for listed in await desk.items("/v1/templates")].count(True) == 1
    stale = await desk.client.delete(TEMPLATE, headers=command(desk.staff(), version=0))
    assert stale.status_code == 412
    back = await desk.client.delete(TEMPLATE, headers=command(desk.staff(), version=1))
    assert (back.json()["own"], back.headers["etag"]) == (False, '"2"')
    rows = await read_journal(
        office.database, office.organisation, template_id(office.organisation, "contract_paid", "en")
    )
    assert [row["type"].split(".")[2] for row in rows] == ["TemplateChanged", "TemplateRestored"]
    assert "Thank you" not in str(rows)


async def test_a_preview_with_the_facts_of_a_real_mail(desk: Desk) -> None:
    office = desk.office
    await office.receive(office.record(paid(777)), office.record(refund_line()))
    mails = {mail.kind: mail.id for mail in await office.mails()}
    preview = f"{TEMPLATE}/preview"
    shown = await desk.client.post(preview, json={"mail": mails["contract_paid"]}, headers=desk.staff())
    assert "€7.77" in shown.json()["text"]
    other = await desk.client.post(preview, json={"mail": mails["refund_awaiting"]}, headers=desk.staff())
    assert (other.status_code, other.json()["type"]) == (422, "urn:carnet:problem:mail-of-other-kind")
    assert (await desk.client.post(preview, json={"mail": new_id()}, headers=desk.staff())).status_code == 404


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ({"subject": "x", "body": "{{ oops }}"}, "template-unknown-variable"),
        ({"subject": "x", "body": "{% if %}"}, "template-syntax"),
        ({"subject": "x", "body": "{{ ''.__class__ }}"}, "template-unsafe"),
        ({"subject": "x", "body": "{% for i in range(10) %}{% endfor %}"}, "template-unsafe"),
        ({"subject": "x", "body": "y" * 30_000}, "template-too-long"),
        ({"subject": "x", "body": "|" * 1_000 + "\n" + "|\n" * 1_000}, "template-unwritable"),
        ({"subject": "", "body": "y"}, "template-syntax"),
        ({"subject": "x", "body": "{% if not total %}y{% endif %}"}, "template-unwritable"),
        ({"subject": "x"}, "request-invalid"),
        ({"subject": "x", "body": "y", "html": "z"}, "request-invalid"),
        ({"subject": 3, "body": "y"}, "request-invalid"),
    ],
)
async def test_broken_words_are_refused_and_nothing_has_changed(desk: Desk, words: dict[str, Any], slug: str) -> None:
    saved = await desk.client.put(TEMPLATE, json=words, headers=command(desk.staff(), version=0))
    assert (saved.status_code, saved.json()["type"]) == (422, f"urn:carnet:problem:{slug}")
    preview = await desk.client.post(f"{TEMPLATE}/preview", json={"words": words}, headers=desk.staff())
    assert preview.status_code == 422
    assert (await desk.get(TEMPLATE)).json()["own"] is False
    assert await desk.office.published() == []


async def test_a_template_that_broke_after_it_was_saved_never_stops_a_mail(desk: Desk) -> None:
    office = desk.office
    await desk.client.put(TEMPLATE, json=OWN, headers=command(desk.staff(), version=0))
    await office.database["templates"].update_many({}, {"$set": {"words.body": "{{ gone }}"}})
    await office.receive(office.record(paid()))
    await office.send_all(office.sender())
    assert [mail.subject for mail in office.delivered()] == ["Your contract with École Étoile is fully paid"]
    assert (await desk.items("/v1/mails"))[0]["wording"] == "fallback"


async def test_not_2_one_organisation_s_template_never_stops_the_mails_of_others(desk: Desk) -> None:
    office = desk.office
    await desk.client.put(TEMPLATE, json=OWN, headers=command(desk.staff(), version=0))
    # As one that was saved before there were bounds.
    wide_and_long = "|" * 1_000 + "\n" + "|\n" * 1_000
    await office.database["templates"].update_many({}, {"$set": {"words.body": wide_and_long}})
    other = Office(office.database, office.servers, office.before)
    theirs, contract = new_id(), new_id()
    await other.receive(other.school("Other school"), other.family(account=theirs))
    await office.receive(*(office.record(paid(1_000 + n)) for n in range(3)))
    await other.receive(other.record(paid(contract=contract, account=theirs), aggregate=contract))
    await office.send_all(office.sender(connections=1))
    assert [mail.subject for mail in other.delivered()] == ["Your contract with Other school is fully paid"]
    assert [mail.subject for mail in office.delivered()] == ["Your contract with École Étoile is fully paid"] * 3
    assert {listed["wording"] for listed in await desk.items("/v1/mails")} == {"fallback"}


@pytest.mark.parametrize("path", ["/v1/templates/nonsense/en", "/v1/templates/contract_paid/de"])
async def test_there_are_no_other_templates(desk: Desk, path: str) -> None:
    assert (await desk.get(path)).status_code == 422
    assert (await desk.client.put(path, json=OWN, headers=command(desk.staff(), version=0))).status_code == 422


async def test_every_default_can_be_previewed(desk: Desk) -> None:
    for listed in await desk.items("/v1/templates"):
        path = f"/v1/templates/{listed['kind']}/{listed['language']}/preview"
        shown = await desk.client.post(path, json={}, headers=desk.staff())
        assert shown.status_code == 200, shown.text
        assert shown.json()["subject"]
