"""`make bench`: take every figure on servers of its own and write docs/operations/performance.md."""

import argparse
import asyncio
import os
import platform
import secrets
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from carnet.observe import configure_logging
from carnet.run import look_for_cycles_seldom
from carnet.settings import Settings
from carnet_play.bench import (
    applying,
    asking,
    billing,
    chain,
    collecting,
    confirmations,
    exporting,
    finding,
    holding,
    idle,
    invoicing,
    latency,
    pages,
    presenting,
    relaying,
    reminding,
    stating,
)
from carnet_play.bench.report import Figure, Reading
from carnet_play.bench.stage import Stage
from carnet_suite.servers import embedded

PAGE = Path("docs/operations/performance.md")
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"

Taken = Sequence[Figure | Reading]

MEASURES: Mapping[str, Callable[[Stage], Awaitable[Taken]]] = {
    "idle": idle.measure,
    "confirmations": confirmations.measure,
    "relaying": relaying.measure,
    "latency": latency.measure,
    "chain": chain.measure,
    "applying": applying.measure,
    "billing": billing.measure,
    "collecting": collecting.measure,
    "finding": finding.measure,
    "asking": asking.measure,
    "presenting": presenting.measure,
    "holding": holding.measure,
    "exporting": exporting.measure,
    "invoicing": invoicing.measure,
    "stating": stating.measure,
    "reminding": reminding.measure,
    "memory": collecting.measure_memory,
    "billing-memory": billing.measure_memory,
    "pages": pages.measure,
}
"""What is measured, in order; each on a stage of its own."""

LONG = ("memory", "billing-memory")
"""What takes half an hour, for figures that seldom change."""


async def _all(folder: Path, names: Sequence[str]) -> Taken:
    taken: list[Figure | Reading] = []
    console = Console()
    with embedded(folder / "servers") as servers:
        for name in names:
            stage = Stage(servers, folder, f"b{secrets.token_hex(3)}-")
            await stage.topics()
            rows = await MEASURES[name](stage)
            for row in rows:
                console.print(row.row())
            taken += rows
    return taken


def main() -> None:
    """Measure, and write the figures into the page unless one was asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=tuple(MEASURES), help="one of them, printed")
    parser.add_argument("--short", action="store_true", help=f"all but {' and '.join(LONG)}")
    asked = parser.parse_args()
    names = [asked.only] if asked.only else [name for name in MEASURES if not (asked.short and name in LONG)]
    # Of the settings that services have, a process without their database has only these.
    configure_logging(Settings.model_construct(service="bench", log_level="warning"), "bench")
    look_for_cycles_seldom()  # as every process of a service: what is measured in this process counts as in one
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="carnet-bench-") as folder:
        taken = asyncio.run(_all(Path(folder), names))
    if asked.only is None:
        _write(taken, before, left_out=[name for name in MEASURES if name not in names])
        Console().print(f"Written to {PAGE}.")


def _write(taken: Taken, load: float, left_out: Sequence[str]) -> None:
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    table = [
        f"Measured on {date.today().isoformat()}: {machine}; "  # noqa: DTZ011 # the local day
        f"the load of the machine before was {load:.1f}." + (f" Without {' and '.join(left_out)}." if left_out else ""),
        "",
        "| figure | measured | floor | the floor's | ratio | goal |",
        "|---|---|---|---|---|---|",
        *(each.row() for each in taken if isinstance(each, Figure)),
        "",
        "| figure | read | goal |",
        "|---|---|---|",
        *(each.row() for each in taken if isinstance(each, Reading)),
        "",
    ]
    PAGE.write_text(before + BEGIN + "\n".join(table) + END + after)


if __name__ == "__main__":
    main()
