"""A request that is right for each route of exports (IMP-5)."""

from tests.bad_input.cases import Right, case
from tests.builders import School


@case("GET /catalog/v1/export.jsonl")
async def _(_: School) -> Right:
    return Right()


@case("GET /contracts/v1/export.jsonl")
async def _(_: School) -> Right:
    return Right()


@case("GET /payments/v1/export.jsonl")
async def _(_: School) -> Right:
    return Right()


@case("GET /credits/v1/export.jsonl")
async def _(_: School) -> Right:
    return Right()


@case("GET /notifications/v1/export.jsonl")
async def _(_: School) -> Right:
    return Right()
