"""A school that comes from other software, by the command as a stranger calls it (IMP-1 to IMP-3)."""

import asyncio
import csv
import io
import os
import sys
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from openpyxl import Workbook

from carnet_operations.verify import verify
from carnet_play.story.waiting import eventually
from carnet_suite.inbox import newest, read_inbox
from carnet_suite.supervisor import Suite
from tests.builders import School, school_on
from tests.waits import BOUND

FAMILIES = 12


@pytest.fixture
async def school(running: Suite) -> AsyncIterator[School]:
    async with school_on(running) as opened:
        yield opened


def written(path: Path, today: date) -> None:
    """Families of 300.00 each, of which 100.00 is paid, 100.00 is late and 100.00 is to come; the last owes “dix”."""
    book = Workbook()
    sheets = {
        "Familles": [["Famille", "Personne", "Rôle", "Prénom", "Nom", "E-mail"]],
        "Contrats": [["Famille", "Contrat", "Paiement", "Signé le"]],
        "Achats": [["Contrat", "Achat", "Participant", "Prix", "Taux de TVA"]],
        "Échéances": [["Contrat", "État", "Date", "Montant", "Moyen de paiement"]],
        "Crédits": [["Famille", "Crédit", "Montant restant"]],
    }
    for number in range(FAMILIES):
        family, contract = f"F{number}", f"C{number}"
        mail = f"marie{number}@families.example"
        sheets["Familles"].append([family, f"P{number}", "responsable", "Marie", f"Petit {number}", mail])
        sheets["Contrats"].append([family, contract, "en ligne" if number % 2 else "sur place", str(today)])
        sheets["Achats"].append([contract, "Jazz", f"P{number}", "300" if number < FAMILIES - 1 else "dix", "20"])
        sheets["Échéances"] += [
            [contract, "payé", str(today), "100", "chèque"],
            [contract, "prévu", str(today), "100", ""],
            [contract, "prévu", str(today + timedelta(days=40)), "100", ""],
        ]
        sheets["Crédits"].append([family, f"A{number}", "25"])
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


async def carnet(home: Path, token: str, *arguments: str) -> tuple[int, str]:
    """Run the command as somebody does, who gives no address; its exit code and what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "carnet_operations", *arguments),
        env={**os.environ, "CARNET_HOME": str(home), "CARNET_TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_imp_2_a_school_comes_by_the_command_once_and_everything_agrees(
    school: School, running: Suite, tmp_path: Path
) -> None:
    before = newest(running.inbox)
    token = running.token(school.organisation)
    today = date.fromisoformat((await school.desk.read("/contracts/v1/today")).body["today"])
    file, totals = tmp_path / "ecole.xlsx", tmp_path / "totals.csv"
    written(file, today)
    code, said = await carnet(running.folder, token, "import", str(file), "--totals", str(totals))
    assert code == 1, said
    assert f"Achats, row {FAMILIES + 1}, column “Prix”: It is no amount: write it as 1234.50, in EUR." in said
    assert "11 new, 0 unchanged, 0 changed, 1 wrong" in said
    assert "Nothing was changed." in said
    rows = list(csv.DictReader(io.StringIO(totals.read_text("utf-8-sig"))))
    assert [(row["standing"], row["total"], row["paid"], row["planned"]) for row in rows if row["family"] == "F0"] == [
        ("new", "300.00", "100.00", "200.00")
    ]
    code, said = await carnet(running.folder, token, "import", str(file), "--totals", str(totals), "--language", "fr")
    assert f"Achats, ligne {FAMILIES + 1}, colonne « Prix » : Ce n’est pas un montant" in said, said
    assert "11 nouvelle(s), 0 déjà reprise(s), 0 modifiée(s) depuis, 1 à corriger" in said
    assert "Rien n’a été modifié." in said
    rows = list(csv.DictReader(io.StringIO(totals.read_text("utf-8-sig")), delimiter=";"))
    assert [(row["état"], row["contrats"], row["payé"]) for row in rows if row["famille"] == "F0"] == [
        ("nouvelle", "300,00", "100,00")
    ]
    assert (await school.desk.read("/contracts/v1/accounts")).body["items"] == []
    code, said = await carnet(running.folder, token, "import", str(file), "--run")
    assert "11 families imported, 0 refused, 0 failed" in said, said
    assert code == 1, "one family is to be corrected"
    _, said = await carnet(running.folder, token, "import", str(file), "--run")
    assert "0 new, 11 unchanged, 0 changed, 1 wrong" in said
    assert "No family is new: nothing is to be imported." in said

    async def followed() -> bool:
        rows = (await school.desk.read("/payments/v1/follow-up?search=petit")).body["items"]
        return len(rows) == FAMILIES - 1 and all(row["paid"]["amount"] == 10_000 for row in rows)

    await eventually(followed, "payments has a schedule of each contract")
    accounts = (await school.desk.read("/contracts/v1/accounts")).body["items"]
    assert len(accounts) == FAMILIES - 1
    assert min(each["number"] for each in accounts).endswith("-0001"), "looking uses up no number"
    async with httpx.AsyncClient(base_url=running.front, timeout=BOUND) as accountant:
        period = {"from": str(today), "until": str(today)}
        bearer = {"Authorization": f"Bearer {token}"}
        fec = await accountant.get("/payments/v1/books/fec.txt", params=period, headers=bearer)
    entries = list(csv.DictReader(io.StringIO(fec.content.decode("iso8859-15")), delimiter="\t"))
    opening = [row for row in entries if row["CompteNum"] == "890000"]
    assert sum(int(row["Debit"].replace(",", "")) for row in opening) == (FAMILIES - 1) * (10_000 + 2_500)
    servers = running.servers
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, running.namespace, wait=BOUND)
    assert report.findings == []
    assert [
        mail.subject for mail in read_inbox(running.inbox, after=before) if mail.recipient.startswith("marie")
    ] == []


async def test_imp_1_who_gives_no_token_or_has_no_suite_reads_what_to_do(running: Suite, tmp_path: Path) -> None:
    file = tmp_path / "ecole.xlsx"
    written(file, date(2026, 9, 1))
    code, said = await carnet(running.folder, "", "import", str(file))
    assert (code, "`carnet token` prints one" in said) == (1, True), said
    code, said = await carnet(tmp_path, "a token", "import", str(file))
    assert (code, "Or give the address of a front with --url" in said) == (1, True), said
    code, said = await carnet(running.folder, "no token", "import", str(file))
    assert (code, "The organisation cannot be read" in said) == (1, True), said
