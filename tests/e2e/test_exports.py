"""Everything of a school in one file, and back: the same balances (IMP-5)."""

import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from carnet_operations.verify import verify
from carnet_play.story.desk import Desk, Json, RefusedError
from carnet_play.story.waiting import eventually
from carnet_suite.supervisor import Suite
from tests.builders import AT_ONCE, IN_THREE, ON_SITE, School, school_on
from tests.e2e.test_imports import carnet
from tests.waits import BOUND


@pytest.fixture
async def school(running: Suite) -> AsyncIterator[School]:
    async with school_on(running) as opened:
        yield opened


async def sells(school: School) -> None:
    """Families of every kind: instalments, a discount, a credit bought, too much paid, a pack, a cancelled line."""
    desk = school.desk
    pack = await desk.sell("10 × Yoga", {"kind": "session_pack", "sessions": 10, "usable": "at_once"}, 9_000)
    martin = await school.family("Martin")
    less = {"add": [school.bought("course", martin)], "discounts": [{"product": school.products["discount"].id}]}
    opened = await desk.send(
        "/contracts/v1/contracts", {"account": martin.id, "mode": "online", "sale": IN_THREE, **less}
    )
    await school.followed(opened.body["id"])
    first = await school.contract(martin, "workshop", sale=ON_SITE, mode="on_site")
    await desk.pay(first.id, 6_000, "cash")
    sold = await school.contract(martin, "credit", sale=ON_SITE, mode="on_site")
    await desk.pay(sold.id, 5_000, "cheque")
    roux = await school.family("Roux")
    both = await school.contract(roux, "course", "workshop", sale=ON_SITE, mode="on_site")
    await desk.pay(both.id, 36_000, "transfer")
    await school.change(await school.followed(both.id), {"cancel": [both.lines["Tap"]]})
    opened = await desk.open(roux.id, AT_ONCE, [pack.bought(None)])
    await school.followed(opened.body["id"])
    await school.family("+Diallo")


async def balances(desk: Desk) -> dict[str, dict[str, Any]]:
    """What each family owes, has paid and has left, by its name."""
    found: dict[str, dict[str, Any]] = {}
    for account in (await desk.read("/contracts/v1/accounts?limit=200")).body["items"]:
        sums: dict[str, Any] = {"total": 0, "paid": 0, "planned": 0, "unscheduled": 0, "credit": 0}
        contracts = (await desk.read(f"/contracts/v1/accounts/{account['id']}/contracts")).body["items"]
        for contract in contracts:
            balance = (await desk.schedule(contract["id"])).body["balance"]
            over = max(balance["paid"]["amount"] - balance["total"]["amount"], 0)
            sums["credit"] += over
            sums["paid"] -= over
            for name in ("total", "paid", "planned", "unscheduled"):
                sums[name] += balance[name]["amount"]
        left = (await desk.read(f"/credits/v1/accounts/{account['id']}/credits")).body["items"]
        sums["credit"] += sum(each["left"]["amount"] for each in left)
        packs = (await desk.read(f"/credits/v1/accounts/{account['id']}/session-packs")).body["items"]
        sums["packs"] = sorted((each["name"], each["left"], each["expires_on"]) for each in packs)
        owner = next(each for each in account["members"] if each["id"] == account["owner"])
        sums["people"] = sorted((each["first_name"], each["kind"]) for each in account["members"])
        found[owner["last_name"]] = sums
    return found


async def test_imp_5_what_is_exported_and_imported_elsewhere_has_the_same_balances(
    school: School, running: Suite, tmp_path: Path
) -> None:
    await sells(school)

    async def issued() -> bool:
        found = await balances(school.desk)
        return found["Martin"]["credit"] == 5_000 and found["Roux"]["packs"] == [("10 × Yoga", 10, None)]

    await eventually(issued, "credits has issued the credit and the pack")
    before = await balances(school.desk)
    assert before["Roux"]["credit"] == 6_000
    archive = tmp_path / "export.zip"
    code, said = await carnet(running.folder, running.token(school.organisation), "export", str(archive))
    assert code == 0, said
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        files = [opened.extract(name, tmp_path) for name in names if name.startswith("import/")]
        accounts = [json.loads(line) for line in opened.read("données/contracts/accounts.jsonl").splitlines()]
        schedules = opened.read("données/payments/schedules.jsonl").splitlines()
    assert {each["organisation"] for each in accounts} == {school.organisation}
    assert (len(accounts), len(schedules), len(files)) == (3, 5, 6)
    async with school_on(running) as other:
        token = running.token(other.organisation)
        code, said = await carnet(running.folder, token, "import", *files, "--run")
        assert code == 0, said
        assert "3 families imported, 0 refused, 0 failed" in said

        async def there() -> bool:
            return await balances_or_none(other.desk) == before

        await eventually(there, "every service has followed the import")
    servers = running.servers
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, running.namespace, wait=BOUND)
    assert report.findings == []


async def balances_or_none(desk: Desk) -> Json | None:
    """The balances; None while a service has not received all of it."""
    try:
        return await balances(desk)
    except RefusedError:
        return None


def written_to(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_imp_5_only_who_may_take_everything_along_exports(running: Suite, tmp_path: Path) -> None:
    async with school_on(running) as school:
        token = running.token(school.organisation, scopes=["accounts:read", "contracts:read", "catalog:read"])
        code, said = await carnet(running.folder, token, "export", str(tmp_path / "x.zip"))
    assert (code, "export:all" in said, written_to(tmp_path)) == (1, True, []), said
