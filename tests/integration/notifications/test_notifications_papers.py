"""Papers that go with mails: read from the service that keeps them, over HTTP, and attached (INV-5, NOT-3)."""

import asyncio
import contextlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from carnet.events.credits import VoucherIssued
from carnet.ids import new_id
from carnet.links import Paper
from notifications import papers
from tests.integration.notifications.conftest import ALL_SLOTS, Office
from tests.integration.notifications.events import invited, invoice_ready, statement_sent
from tests.links import LINKS
from tests.unit.notifications.notification_builders import ACCOUNT, CONTRACT, TODAY

PDF = b"%PDF-1.7 a paper"


@dataclass
class Shelf:
    """A service that keeps papers: answers each link with the next of ``answers``, the last one again and again."""

    answers: list[tuple[int, bytes]]
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextlib.contextmanager
def shelf(*answers: tuple[int, bytes]) -> Iterator[Shelf]:
    kept = Shelf(list(answers))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the library calls
            status, body = kept.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("language", "name"), [("fr", "bon-cadeau-7K3M.pdf"), ("en", "voucher-7K3M.pdf")])
async def test_cre_9_a_voucher_goes_with_a_file_name_in_the_language_of_its_mail(
    office: Office, language: str, name: str
) -> None:
    issued = VoucherIssued(
        voucher=(line := new_id()),
        account=ACCOUNT,
        contract=CONTRACT,
        line=line,
        name="Pottery",
        products=(new_id(),),
        code="7K3M-Q2XA-V9TB-4HDN-C6RX",
        effective_on=date(2027, 3, 1),
    )
    with shelf((200, PDF)) as kept:
        office.payments_url = kept.url
        await office.receive(office.school(), office.family(language=language), office.record(issued, aggregate=line))
        await office.send_all(office.sender())
    (delivered,) = office.delivered()
    (attached,) = message_from_bytes(delivered.path.read_bytes(), policy=default).iter_attachments()
    assert attached.get_filename() == name


async def test_inv_5_an_invoice_goes_with_its_mail_and_behind_a_link(office: Office) -> None:
    invoice = new_id()
    with shelf((200, PDF)) as kept:
        office.payments_url = kept.url
        await office.receive(office.school(), office.family(language="fr"), office.record(invoice_ready(invoice)))
        await office.send_all(office.sender())
    (delivered,) = office.delivered()
    assert delivered.subject == "Votre facture FA-2027-000007 – École Étoile"
    message = message_from_bytes(delivered.path.read_bytes(), policy=default)
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == ("FA-2027-000007.pdf", PDF)
    (path,) = kept.asked
    link = path.removeprefix("/v1/papers/")
    assert LINKS.read(link) == Paper("invoice", office.organisation, (invoice,), "fr")
    assert f"https://carnet.example/payments/v1/papers/{link}" in (delivered.text or "")


async def test_pay_16_an_account_statement_goes_with_its_mail(office: Office) -> None:
    owed, kept_for = new_id(), new_id()
    with shelf((200, PDF)) as kept:
        office.payments_url = kept.url
        sent = (statement_sent(owed, closing=18_000), statement_sent(kept_for, closing=-2_500))
        await office.receive(office.school(), office.family(language="fr"), *map(office.record, sent))
        await office.send_all(office.sender())
    texts = [delivered.text or "" for delivered in office.delivered()]
    assert any("il restait 180,00" in text.replace("**", "") for text in texts), texts
    assert any("25,00" in text and "en votre faveur" in text for text in texts), texts
    messages = (message_from_bytes(delivered.path.read_bytes(), policy=default) for delivered in office.delivered())
    assert {file.get_filename() for each in messages for file in each.iter_attachments()} == {f"releve-{TODAY}.pdf"}
    links = {LINKS.read(path.removeprefix("/v1/papers/")) for path in kept.asked}
    assert links == {Paper("statement", office.organisation, (each,), "fr") for each in (owed, kept_for)}


async def test_inv_1_the_mail_of_a_deposit_invoice_says_that_more_is_to_be_paid(office: Office) -> None:
    with shelf((200, PDF), (200, PDF)) as kept:
        office.payments_url = kept.url
        deposit = office.record(invoice_ready(new_id(), deposit=True))
        await office.receive(office.school(), office.family(language="fr"), deposit)
        await office.receive(office.record(invoice_ready(new_id())))
        await office.send_all(office.sender())
    texts = {each.subject.partition(" –")[0]: each.text or "" for each in office.delivered()}
    assert "vous n'avez rien à faire" not in texts["Votre facture d'acompte FA-2027-000007"]
    assert "vous n'avez rien à faire" in texts["Votre facture FA-2027-000007"]


async def test_pay_18_an_invitation_leads_to_the_page_on_which_the_mandate_is_signed(office: Office) -> None:
    await office.receive(office.school(), office.family(language="fr"), office.record(invited(new_id())))
    await office.send_all(office.sender())
    (delivered,) = office.delivered()
    assert delivered.subject == "Signez votre mandat de prélèvement – École Étoile"
    (link,) = set(re.findall(r"https://carnet\.example/payments/v1/mandate-links/([\w.-]+)", delivered.text or ""))
    (mail,) = await office.mails()
    assert LINKS.read(link) == Paper("mandate", office.organisation, (mail.account,), "fr")
    kept = await office.database["mails"].find_one({"_id": mail.id})
    assert link not in str(kept), "who may read mails does not read the link"


async def test_not_3_a_mail_waits_while_its_paper_cannot_be_read(office: Office) -> None:
    with shelf((503, b"{}"), (202, b"{}"), (200, PDF)) as kept:
        office.payments_url = kept.url
        await office.receive(office.school(), office.family(), office.record(invoice_ready(new_id(), credit_note=True)))
        await office.send_all(office.sender())
        assert len(kept.asked) == 3
    (delivered,) = office.delivered()
    assert delivered.subject == "Your credit note AV-2027-000007 – École Étoile"
    (mail,) = await office.mails()
    assert (mail.status, mail.attempts, mail.reason) == ("sent", 3, None)


@pytest.mark.parametrize("answers", [[(404, b"{}")], [(200, b"x" * 100)], []], ids=["gone", "too large", "away"])
async def test_not_3_a_mail_whose_paper_is_never_there_fails_and_can_be_sent_again(
    office: Office, monkeypatch: pytest.MonkeyPatch, answers: list[tuple[int, bytes]]
) -> None:
    monkeypatch.setattr(papers, "LARGEST", 99)
    with shelf(*answers) if answers else contextlib.nullcontext() as kept:
        if kept is not None:
            office.payments_url = kept.url
        await office.receive(office.school(), office.family(), office.record(invoice_ready(new_id())))
        await office.send_all(office.sender())
    assert office.delivered() == []
    (mail,) = await office.mails()
    assert (mail.status, mail.reason, mail.answer) == ("failed", "no-paper", None)
    assert await office.published() == ["EmailFailed"]


async def test_a_service_that_never_ends_its_answer_stops_no_worker(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "PATIENCE", 0.2)
    silent = await asyncio.start_server(lambda _reader, _writer: asyncio.sleep(0), "127.0.0.1", 0)
    office.payments_url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
    await office.receive(office.school(), office.family(), office.record(invoice_ready(new_id())))
    sender = office.sender(waits=())
    assert await sender.round(ALL_SLOTS, asyncio.Event()) == 1
    (mail,) = await office.mails()
    assert (mail.status, mail.reason) == ("failed", "no-paper")
    silent.close()
    await sender.close()
