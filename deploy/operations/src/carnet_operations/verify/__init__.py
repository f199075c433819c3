"""``carnet verify``: proves from the databases and the topics that the five services agree, to the unit.

It decides nothing and changes nothing. What the services say is added up again here from their
journals, by the rules and not by the services' own code, so that a fault of theirs is found too.
"""

from carnet_operations.verify.command import main
from carnet_operations.verify.report import Finding, Report
from carnet_operations.verify.run import verify

__all__ = ["Finding", "Report", "main", "verify"]
