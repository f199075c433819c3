"""``carnet verify``: proves from the databases and the topics that the five services agree, to the minor unit.

It changes nothing. It adds the journals up by the rules, not by the services' own code, so that it
finds a fault in that code too. A folder per promise: ``published``, ``contracts``, ``schedules``,
``money``, ``invoices``, ``books``, ``credits``, ``requests``, ``views``, ``informed``. Here: ``run``
waits and reads, ``walks`` gives each aggregate to the checks, ``quiet``, ``reading`` and ``report``
serve them.
"""

from carnet_operations.verify.command import main
from carnet_operations.verify.report import Finding, Report
from carnet_operations.verify.run import verify

__all__ = ["Finding", "Report", "main", "verify"]
