"""`carnet reset`, and what `make setup` fetches."""

import shutil
from typing import Annotated

import typer

from carnet_operations.home import carnet_home
from carnet_operations.running import instance_of
from carnet_operations.terminal import err, faults_shown, out
from carnet_suite.layout import DATA, DEMO, LOGS
from carnet_suite.servers.errors import UnsupportedMachineError
from carnet_suite.supervisor.errors import AlreadyRunningError
from carnet_suite.supervisor.instance import await_leftovers

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(reset)
    app.command(hidden=True)(fetch)


def reset(yes: Yes = False) -> None:
    """Remove the suite's databases, topics, mails and logs. Its keys stay, so that tokens stay good."""
    home = carnet_home()
    with faults_shown():
        if (pid := instance_of(home)) is not None:
            raise AlreadyRunningError(home, pid)
        await_leftovers(home, err.print)
        folders = [folder for folder in (home / DATA, home / LOGS, home / DEMO) if folder.exists()]
        if not folders:
            out.print(f"There is nothing to remove in {home}.")
            return
        if not yes:
            typer.confirm(f"Remove all data of the suite in {home}?", abort=True)
        for folder in folders:
            shutil.rmtree(folder)
        out.print(f"Removed {', '.join(folder.name for folder in folders)} in {home}.")


def fetch() -> None:
    """Fetch what the embedded servers need beside the Python packages: once, then kept."""
    from carnet_suite.servers.kafka import java_binary  # noqa: PLC0415 # slow, and needed by this command only
    from carnet_suite.servers.kafka_classes import keep_classes  # noqa: PLC0415 # likewise
    from carnet_suite.servers.kafka_jars import VERSION, jars_folder  # noqa: PLC0415 # likewise

    with faults_shown():
        try:
            java_binary()
        except UnsupportedMachineError as none:
            out.print(str(none), markup=False)
            return
        err.print(f"Fetching Apache Kafka {VERSION}, once ...")
        jars_folder(carnet_home())
        keep_classes(carnet_home())
