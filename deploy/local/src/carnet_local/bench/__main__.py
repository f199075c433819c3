"""`make bench`: take every figure on servers of its own and write docs/performance.md."""

import argparse
import asyncio
import os
import platform
import secrets
import tempfile
from datetime import date
from pathlib import Path

from rich.console import Console

from carnet_local.bench import applying, confirmations, latency, relaying
from carnet_local.bench.report import Figure, Reading
from carnet_local.bench.stage import Stage
from carnet_local.servers import embedded

PAGE = Path("docs/performance.md")
BEGIN, END = "<!-- figures -->\n", "<!-- end of figures -->\n"


async def _all(folder: Path, only: str | None) -> tuple[list[Figure], list[Reading]]:
    figures: list[Figure] = []
    readings: list[Reading] = []
    console = Console()
    with embedded(folder / "servers") as servers:

        async def stage() -> Stage:
            made = Stage(servers, folder, f"b{secrets.token_hex(3)}-")
            await made.topics()
            return made

        if only in (None, "confirmations"):
            figures.append(await confirmations.measure(await stage()))
            console.print(figures[-1].row())
        if only in (None, "relaying"):
            figures.append(await relaying.measure(await stage()))
            console.print(figures[-1].row())
        if only in (None, "latency"):
            readings.append(await latency.measure(await stage()))
            console.print(readings[-1].row())
        if only in (None, "applying"):
            figure, reading = await applying.measure(await stage())
            figures.append(figure)
            readings.append(reading)
            console.print(figure.row())
            console.print(reading.row())
    return figures, readings


def main() -> None:
    """Measure; with every figure taken, write them into the page."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=("confirmations", "relaying", "applying", "latency"))
    only = parser.parse_args().only
    with tempfile.TemporaryDirectory(prefix="carnet-bench-") as folder:
        figures, readings = asyncio.run(_all(Path(folder), only))
    if only is None:
        _write(figures, readings)
        Console().print(f"Written to {PAGE}.")


def _write(figures: list[Figure], readings: list[Reading]) -> None:
    text = PAGE.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    table = [
        f"Measured on {date.today().isoformat()}: {machine}.",  # noqa: DTZ011 # the day of whoever measures
        "",
        "| figure | measured | floor | the floor's | ratio | goal |",
        "|---|---|---|---|---|---|",
        *(figure.row() for figure in figures),
        "",
        "| figure | read | goal |",
        "|---|---|---|",
        *(reading.row() for reading in readings),
        "",
    ]
    PAGE.write_text(before + BEGIN + "\n".join(table) + END + after)


if __name__ == "__main__":
    main()
