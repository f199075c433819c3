"""The suite on this machine as its real processes: servers, an api and a worker per service, the front.

::

    with suite(data=folder) as running:
        token = running.token(organisation)
        httpx.get(f"{running.front}/catalog/v1/products", headers={"Authorization": f"Bearer {token}"})
        running.kill("payments", "worker")  # comes back by itself

It is used by `carnet up`, the demo, the tests and the measurements alike.
"""

from carnet_suite.supervisor.errors import SuiteError
from carnet_suite.supervisor.running import Suite
from carnet_suite.supervisor.starting import suite
from carnet_suite.supervisor.watcher import SILENT, Watcher

__all__ = ["SILENT", "Suite", "SuiteError", "Watcher", "suite"]
