"""`carnet export`."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from carnet_operations.commands.imports import Url, front_of
from carnet_operations.errors import CommandError
from carnet_operations.terminal import faults_shown, out

File = Annotated[Path, typer.Argument(help="The ZIP file to write.")]
Token = Annotated[
    str,
    typer.Option(envvar="CARNET_TOKEN", help="A token with export:all; of a local suite `carnet token` prints one."),
]
Language = Annotated[Literal["fr", "en"], typer.Option(help="Of the names of files and of their headings: fr, en.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command(name="export")(export_everything)


def export_everything(file: File, url: Url = None, token: Token = "", language: Language = "fr") -> None:
    """Write everything of an organisation to a ZIP: files that `carnet import` reads, JSON Lines of all it keeps."""
    with faults_shown():
        if not token:
            raise CommandError(
                "Give a token with --token, or in CARNET_TOKEN; of a local suite `carnet token` prints one."
            )
        counts = _written(file, front_of(url), token, language)
        for kind, count in counts.items():
            out.print(f"{count} {kind}")
        out.print(f"Written: {file}")


def _written(file: Path, url: str, token: str, language: str) -> dict[str, int]:
    import httpx  # noqa: PLC0415 # needed by this command only

    part = file.with_name(f".{file.name}.part")
    try:
        counts = asyncio.run(_write(part, url, token, language))
        part.replace(file)
    except httpx.TransportError as error:
        raise CommandError(
            f"Carnet does not answer at {url}, or stopped: nothing was written. Try it again."
        ) from error
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return counts


async def _write(part: Path, url: str, token: str, language: str) -> dict[str, int]:
    import httpx  # noqa: PLC0415 # needed by this command only

    from carnet.exporting.archive import write_archive  # noqa: PLC0415 # likewise

    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:

        async def lines(service: str) -> AsyncIterator[bytes]:
            async with client.stream("GET", f"/{service}/v1/export.jsonl") as answer:
                if answer.status_code != 200:
                    await answer.aread()
                    raise CommandError(f"{service.capitalize()} refuses the export: {_why(answer)}")
                async for line in answer.aiter_lines():
                    yield line.encode()

        with part.open("wb") as file:
            return await write_archive(file, lines, language)


def _why(answer: Any) -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError):
        return str(answer.status_code)
