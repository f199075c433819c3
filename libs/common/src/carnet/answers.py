"""The answers to commands that are kept for a while, so that the same command sent twice is applied once."""

from typing import TYPE_CHECKING

from pymongo import UpdateMany

from carnet.mongo.kit import ANSWERS

if TYPE_CHECKING:
    from carnet.mongo import Unit


def forget_answers(unit: "Unit", organisation: str, account: str) -> None:
    """Remove the bodies of the kept answers that may name people of ``account`` (ORG-4).

    The keys stay: the same command sent again is still not applied twice, only its answer is gone.
    """
    own = {"$gte": f"{organisation}|", "$lt": f"{organisation}}}"}  # what follows | in ASCII
    # In order: the answer to the erasure itself, which names nobody, is kept after this.
    unit.write(ANSWERS, UpdateMany({"_id": own, "accounts": account}, {"$set": {"body": None}}), in_order=True)
