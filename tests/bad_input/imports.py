"""A request that is right for each route of imports (IMP-1)."""

from datetime import timedelta

from carnet.dates import utc_now
from carnet.ids import new_id
from carnet_play.story.desk import Json, money
from tests.bad_input.cases import Right, case
from tests.builders import School


def family() -> Json:
    """A family that was not imported yet."""
    key, today = f"F-{new_id()}", utc_now().date()
    before, later = (today - timedelta(days=20)).isoformat(), (today + timedelta(days=20)).isoformat()
    return {
        "key": key,
        "language": "fr",
        "owner": "M-1",
        "people": [{"key": "M-1", "kind": "adult", "first_name": "Marie", "last_name": "Petit"}],
        "contracts": [
            {
                "key": "C-1",
                "mode": "online",
                "signed_on": before,
                "lines": [{"name": "Jazz", "price": money(12_000), "vat_rate": 2_000, "participant": "M-1"}],
                "paid": [{"amount": money(2_000), "method": "card", "received_on": before}],
                "planned": [{"due": later, "amount": money(3_000)}],
            }
        ],
        "credits": [{"key": "A-1", "amount": money(1_500)}],
        "packs": [{"key": "S-1", "name": "Yoga", "sessions": 4, "valid_until": later, "member": "M-1"}],
    }


@case("POST /contracts/v1/imports/families")
async def _(_: School) -> Right:
    return Right(body=family())


@case("POST /contracts/v1/imports/families/preview")
async def _(_: School) -> Right:
    return Right(body=family())


async def _begun(school: School) -> str:
    begun = await school.desk.send("/contracts/v1/imports", None)
    id_: str = begun.body["id"]
    return id_


async def _filled(school: School) -> str:
    id_ = await _begun(school)
    await school.desk.send(f"/contracts/v1/imports/{id_}/families", {"families": [family()]})
    return id_


@case("POST /contracts/v1/imports")
async def _(_: School) -> Right:
    return Right()


@case("GET /contracts/v1/imports/{batch}")
async def _(school: School) -> Right:
    return Right({"batch": await _begun(school)})


@case("POST /contracts/v1/imports/{batch}/families")
async def _(school: School) -> Right:
    return Right({"batch": await _begun(school)}, {"families": [family()]})


@case("POST /contracts/v1/imports/{batch}/run")
async def _(school: School) -> Right:
    return Right({"batch": await _filled(school)})


@case("POST /contracts/v1/imports/{batch}/discarding")
async def _(school: School) -> Right:
    return Right({"batch": await _filled(school)})


@case("GET /contracts/v1/import-columns")
async def _(_: School) -> Right:
    return Right()


@case("PUT /contracts/v1/import-columns")
async def _(_: School) -> Right:
    columns = {"family": "Dossier", "people.person": "Adhérent", "people.last_name": "Nom"}
    return Right(
        body={"headings": ["Dossier", "Adhérent", "Nom"], "columns": columns, "constants": {"people.role": "x"}}
    )
