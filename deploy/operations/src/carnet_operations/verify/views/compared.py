"""VIEW: every view, and every field that only queries need, is what its state makes of it (PAY-7, PAY-9, PAY-11)."""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Collection, Database
from carnet.views import compare, shown
from carnet_operations.verify.report import Report


async def check_views(
    databases: Mapping[str, Database], collections: Mapping[str, Sequence[Collection[Any]]], report: Report
) -> None:
    """Compare the views of each service with its states; `carnet views rebuild` corrects what is found."""
    for service, database in databases.items():
        for collection in shown(collections[service]):
            report.count("documents compared with their views", await database[collection.name].count_documents({}))
            async for difference in compare(database, collection):
                where = f"{service}.{difference.collection} {difference.id} of {difference.state}"
                expected = f"what {service}.{collection.name} makes of it"
                report.find("VIEW", where, "what shows a state", expected=expected, found=difference.what)
