"""The movements of client credits that are booked and are on no schedule (INV-7)."""

from typing import Any

from carnet.envelope import Received
from carnet.events import credits
from carnet.mongo import Unit
from payments.books.store import keep_move
from payments.credit_uses.reactions import CREDITS

__all__ = ["CREDITS"]


@CREDITS.on(
    credits.CreditAdjusted,
    credits.CreditRemoved,
    loads=lambda _: (),
)
def credit_moved(event: Received[Any], unit: Unit) -> None:
    """Keep what moved a credit apart from schedules: for the books."""
    keep_move(event, unit)
