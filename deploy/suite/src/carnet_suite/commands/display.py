"""How the suite is shown on a terminal: its addresses, its state."""

import sys

from rich.console import Console
from rich.table import Table

from carnet_operations.running import Running
from carnet_operations.services import SERVICES
from carnet_suite.measures import UNKNOWN, Measures, measures_of
from carnet_suite.supervisor import Suite
from carnet_suite.supervisor.member import answer_of
from carnet_suite.welcome import Welcome


def show_addresses(console: Console, suite: Suite, welcome: Welcome) -> None:
    """Print where everything is, and tokens to begin with."""
    table = Table("what", "where", title="Carnet is running", title_justify="left", show_header=False)
    if suite.backoffice is not None:
        table.add_row("back office, in a browser", f"{suite.backoffice}/")
    table.add_row("front address", f"{suite.front}/")
    for service in SERVICES:
        table.add_row(f"API of {service}", f"{suite.url(service)}/docs")
    table.add_row("payment provider to try with", f"{suite.sandbox}/docs")
    table.add_row("bank to try direct debits with", f"{suite.sandbox}/bank")
    table.add_row("mails", str(suite.inbox))
    table.add_row("Kafka", suite.servers.kafka_bootstrap)
    table.add_row("MongoDB", suite.servers.mongo_url)
    ports = (f"{name} {port}" for name, port in suite.places.ports.items() if "worker" in name)
    table.add_row("metrics of workers", f"http://{suite.places.host}:PORT/metrics\n" + "\n".join(ports))
    table.add_row("logs", f"{suite.folder}/logs")
    table.add_row("this command", sys.argv[0])
    console.print(table)
    console.print(f"\nStaff of {welcome.organisation}, with every scope, good until {welcome.until}:")
    for name, value in variables(suite, welcome).items():
        console.print(f"export {name}={value}", soft_wrap=True, markup=False)
    console.print("\nTry it:")
    request = 'curl -H "Authorization: Bearer $TOKEN" $FRONT/catalog/v1/organisation'
    console.print(request, soft_wrap=True, markup=False)
    console.print("\nOthers: `carnet token --help`. Stop with Ctrl-C.")


def variables(suite: Suite, welcome: Welcome) -> dict[str, str]:
    """What the pages of the documentation name by these variables."""
    return {
        "TOKEN": welcome.token,
        "FRONT": suite.front,
        "SANDBOX": suite.sandbox,
        "KAFKA": suite.servers.kafka_bootstrap,
    }


def show_status(console: Console, running: Running) -> bool:
    """Print how each process is; whether all are ready."""
    table = Table("process", "pid", "health")
    for name in ("behind", "unpublished", "oldest", "parked"):
        table.add_column(name, justify="right")
    answers = [answer_of(process.health) for process in running.processes]
    paused: list[str] = []
    for process, answer in zip(running.processes, answers, strict=True):
        is_worker = "-worker" in process.name and answer == "ready"
        measures = measures_of(process.health) if is_worker else UNKNOWN
        colour = "green" if answer == "ready" else "red"
        table.add_row(process.name, str(process.pid or "-"), f"[{colour}]{answer}[/]", *_written(measures))
        paused += [f"{process.name} handles nothing of {topic}" for topic in measures.paused]
    console.print(table)
    for each in paused:
        console.print(f"[red]Paused:[/] {each}, since too much of it failed; see `carnet parked list`.", soft_wrap=True)
    console.print(f"Front address {running.front}/   mails {running.inbox}")
    console.print("behind: records not yet read; unpublished: journal rows that Kafka has not yet; oldest: their age")
    return all(answer == "ready" for answer in answers)


def _written(measures: Measures) -> list[str]:
    counts = (measures.behind, measures.unpublished, measures.oldest_seconds, measures.parked)
    units = ("", "", " s", "")
    return ["" if count is None else f"{count:.0f}{unit}" for count, unit in zip(counts, units, strict=True)]
