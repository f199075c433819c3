"""Changes of accounts that arrive together share a transaction, each in its own savepoint (CON-13)."""

import httpx
import pytest

from carnet.ids import new_id
from tests.groups import Arriving, answered, statuses
from tests.integration.contracts.conftest import School
from tests.integration.contracts.test_accounts_api import PAUL, ZOE, Desk


async def test_con_13_members_that_are_added_together_are_each_added_once(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, arriving = Desk(school), Arriving(monkeypatch)
    contested, clicked, broken = [(await desk.opens())["id"] for _ in range(3)]
    key, fault = new_id(), new_id()

    async def adds(account: str, key: str | None = None) -> httpx.Response:
        return await desk.send("POST", f"/{account}/members", PAUL, version=1, key=key)

    answers = await arriving.send(
        adds(contested),
        desk.send("PUT", f"/{contested}", {"language": "en"}, version=1),
        adds(clicked, key),
        adds(clicked, key),
        adds(broken, fault),
        broken=fault,
    )
    assert statuses(answers[:2]) in ([201, 412], [412, 200])
    assert statuses(answers[2:]) == [201, 201, 500]
    assert answered(answers[2]).json() == answered(answers[3]).json()
    assert (arriving.sizes, arriving.alone) == ([4], 0)
    shown = [(await desk.get(f"/{account}")).json() for account in (contested, clicked, broken)]
    assert [each["version"] for each in shown] == [2, 2, 1]
    assert [len(each["members"]) for each in shown[1:]] == [3, 2]
    after = await desk.send("POST", f"/{broken}/members", ZOE, version=1)
    assert after.status_code == 201
