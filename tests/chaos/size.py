"""How much chaos: a short form for every run of the tests, and the long one of ``make chaos``."""

import os
from dataclasses import dataclass

from tests.waits import BOUND


@dataclass(frozen=True)
class Size:
    """What is asked of the services while they are broken.

    ``instalments`` are due at once, ``each`` of them of one contract; ``uses`` is how often a credit is used by two
    contracts at the same instant; ``subscriptions`` are billed for so many ``months``; ``invoices`` are issued by one
    bulk job; ``debits`` are collected by files for a bank; ``reminded`` families are reminded for three days; of
    ``gifts`` gift vouchers, as many gift cards and session packs, each is wanted by two at the same instant;
    ``families`` come from another system. The ``long`` form writes its report.
    """

    instalments: int
    each: int
    uses: int
    subscriptions: int
    months: int
    invoices: int
    debits: int
    reminded: int
    gifts: int
    families: int
    long: bool

    @property
    def contracts(self) -> int:
        return self.instalments // self.each

    @property
    def limit(self) -> float:
        """Seconds after which a test of this size is given up."""
        return 7_200 if self.long else 1_200

    @property
    def stalled(self) -> float:
        """Seconds without any progress after which nothing more is to be hoped for."""
        return 420 if self.long else BOUND

    @property
    def every(self) -> float:
        """Seconds between two looks at everything."""
        return 5.0 if self.long else 0.2


def asked() -> Size:
    """The size that the environment asks for: ``CARNET_CHAOS`` is the number of instalments of the long form."""
    instalments = os.environ.get("CARNET_CHAOS")
    if not instalments:
        return Size(
            instalments=200,
            each=2,
            uses=30,
            subscriptions=24,
            months=5,
            invoices=60,
            debits=48,
            reminded=150,
            gifts=12,
            families=300,
            long=False,
        )
    quarter = int(instalments) // 4
    gifts = -(-int(instalments) // 12)
    """Three kinds of them, each wanted twice: half as many redemptions and uses as instalments."""
    return Size(
        instalments=int(instalments),
        each=10,
        uses=1_000,
        subscriptions=quarter,
        months=12,
        invoices=quarter,
        debits=quarter,
        reminded=quarter,
        gifts=gifts,
        families=quarter,
        long=True,
    )


SIZE = asked()
