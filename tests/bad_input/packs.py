"""A request that is right for each route of the reminders of session packs (CRE-10)."""

from tests.bad_input.cases import Right, case, read
from tests.builders import School

read("GET /credits/v1/pack-reminders")
read("GET /credits/v1/pack-reminders/journal")


@case("PUT /credits/v1/pack-reminders")
async def _(school: School) -> Right:
    version = (await school.desk.read("/credits/v1/pack-reminders")).version or 0
    return Right(body={"days_before": 10, "hour": 8}, version=version)
