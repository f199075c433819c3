"""A request that is right for each route of the books (INV-7)."""

from datetime import date, timedelta

from carnet_play.story.desk import Json
from tests.bad_input.cases import Right, case, read
from tests.builders import School

BOOKS = "/payments/v1/books"

read(f"GET {BOOKS}")
read(f"GET {BOOKS}/journal")
read(f"GET {BOOKS}/balance")
read(f"GET {BOOKS}/entries.csv")
read(f"GET {BOOKS}/fec.txt")


@case(f"PUT {BOOKS}")
async def _(school: School) -> Right:
    now = await school.desk.read(BOOKS)
    accounts: Json = {**now.body["accounts"], "cash": {"number": f"53{now.version or 0:04}", "name": "Caisse"}}
    body = {
        "accounts": accounts,
        "sales": [{"kind": "item", "account": {"number": "707000", "name": "Boutique"}}],
        "vat": [{"rate": 2_000, "account": {"number": "445712", "name": "TVA 20 %"}}],
    }
    return Right(body=body, version=now.version)


@case(f"POST {BOOKS}/closings")
async def _(school: School) -> Right:
    now = await school.desk.read(BOOKS)
    closed = now.body["closed_until"]
    first = date.fromisoformat(closed) + timedelta(days=1) if closed else date(2001, 1, 1)
    return Right(body={"until": first.isoformat()}, version=now.version)
