"""The ``carnet verify`` command: what was proven, or what is wrong, for a person to read."""

import asyncio

from aiokafka.errors import KafkaConnectionError
from rich.console import Console
from rich.table import Table

from carnet_operations.verify.report import Finding, Report
from carnet_operations.verify.run import WAIT, UnreachableError, verify

MOST_SHOWN = 100
"""So many findings are printed; further ones are counted."""


def main(
    mongo_url: str,
    kafka_bootstrap: str,
    namespace: str = "",
    *,
    sandbox: str | None = None,
    wait: float = WAIT,
    console: Console | None = None,
) -> int:
    """Verify and print the report; returns 0 if all is proven, 1 on any finding, 2 if a server does not answer."""
    console = console or Console()
    try:
        report = asyncio.run(verify(mongo_url, kafka_bootstrap, namespace, sandbox=sandbox, wait=wait))
    except UnreachableError as error:
        console.print(f"[bold red]Not verified.[/] {error}")
        return 2
    except KafkaConnectionError:
        console.print(
            f"[bold red]Not verified.[/] Kafka at {kafka_bootstrap} does not answer. Start it, or check the address."
        )
        return 2
    show(report, console)
    return 0 if report.ok else 1


def show(report: Report, console: Console) -> None:
    """Print the report: the findings, then what was checked."""
    for finding in report.findings[:MOST_SHOWN]:
        _show_finding(finding, console)
    found = len(report.findings) + report.unlisted
    if found > MOST_SHOWN:
        console.print(f"… and {found - MOST_SHOWN} more.\n")
    console.print(_table(report))
    for note in report.notes:
        console.print(f"[yellow]Note:[/] {note}")
    if report.ok:
        console.print(f"[bold green]Verified[/] in {report.seconds:.1f} s: nothing lost, doubled or out of step.")
    else:
        console.print(f"[bold red]{found} finding{'s' if found > 1 else ''}[/] in {report.seconds:.1f} s.")


def _show_finding(finding: Finding, console: Console) -> None:
    console.print(f"[bold red]{finding.rule}[/] {finding.where}", highlight=False)
    console.print(f"  {finding.what}", highlight=False, markup=False)
    console.print(f"  expected {finding.expected}", highlight=False, markup=False)
    console.print(f"  found    {finding.found}\n", highlight=False, markup=False)


def _table(report: Report) -> Table:
    table = Table("checked", title="carnet verify", title_justify="left")
    table.add_column("count", justify="right")
    for what, count in report.proven.items():
        table.add_row(what, f"{count:,}")
    return table
