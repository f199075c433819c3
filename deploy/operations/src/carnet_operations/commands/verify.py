"""`carnet verify`."""

from typing import Annotated

import typer

from carnet_operations.places import backends
from carnet_operations.terminal import faults_shown

Wait = Annotated[float, typer.Option(min=0, help="Seconds to wait until nothing is under way any more.")]

Sandbox = Annotated[
    str | None,
    typer.Option(
        envvar="CARNET_SANDBOX_URL",
        help="The address of the payment provider to try with; that of the running suite unless given.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(verify)


def verify(wait: Wait = 30, sandbox: Sandbox = None) -> None:
    """Prove from the databases and the topics that the five services agree; exit code 1 on any finding."""
    from carnet_operations.verify import main  # noqa: PLC0415 # slow, and needed by this command only

    with faults_shown():
        where = backends()
        book = sandbox or where.sandbox
        code = main(where.mongo_url, where.kafka_bootstrap, where.namespace, sandbox=book, wait=wait)
    raise typer.Exit(code)
