"""The logs of the suite's processes: which there are, merged in order, and written for a person."""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from carnet_suite.supervisor.errors import SuiteError

SERVERS = ("mongo", "kafka", "inbox")
_LOOK_S = 0.2
_SHOWN_APART = {"at", "level", "event", "service", "exception"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log. `at` is an instant in UTC, empty if the line has none."""

    source: str
    at: str
    text: str


def files_of(folder: Path, what: str, role: str | None = None) -> list[Path]:
    """The logs of a service (of one role, if given), or of the front or a server, by name.

    Raises:
        SuiteError: there are none.
    """
    if what in SERVERS:
        found = [folder / "data" / f"{what}.log"]
    else:
        found = [*folder.glob(f"logs/{what}-{role or ''}*.log"), *folder.glob(f"logs/{what}.log")]
    if not (there := sorted(path for path in found if path.exists())):
        servers = [name for name in SERVERS if (folder / "data" / f"{name}.log").exists()]
        kept = [*sorted(path.stem for path in folder.glob("logs/*.log")), *servers]
        those = f"There are: {', '.join(kept)}." if kept else "There are none: no suite has run there."
        raise SuiteError(f"There is no log of {f'{what} {role}' if role else what} in {folder}. {those}")
    return there


def last_lines(files: Sequence[Path], count: int) -> list[Line]:
    """The last so many lines of each, merged by their instants."""
    lines: list[Line] = []
    for path in files:
        texts = path.read_text(errors="replace").splitlines()[-count:] if count else []
        lines += _with_instants(path.stem, texts)
    return sorted(lines, key=lambda line: line.at)


def _with_instants(source: str, texts: Sequence[str]) -> Iterator[Line]:
    at = ""
    for text in texts:
        # A line without an instant, as of a traceback, stays behind the one before.
        at = _instant(text) or at
        yield Line(source, at, text)


def _instant(text: str) -> str:
    entry = _entry(text)
    return str(entry.get("at", "")) if entry else ""


def _entry(text: str) -> dict[str, object] | None:
    if not text.startswith("{"):
        return None
    try:
        entry: dict[str, object] = json.loads(text)
    except ValueError:
        return None
    return entry


def follow(files: Sequence[Path], show: Callable[[Line], None], going_on: Callable[[], bool]) -> None:
    """Show new lines of these logs while `going_on` says so, also those of a new start."""
    tails = [_Tail(path) for path in files]
    while going_on():
        for tail in tails:
            for text in tail.new_lines():
                show(Line(tail.path.stem, _instant(text), text))
        time.sleep(_LOOK_S)


class _Tail:
    """The end of a file that grows, and that another one may replace."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open(errors="replace")
        self._file.seek(0, os.SEEK_END)
        self._half = ""

    def new_lines(self) -> list[str]:
        *lines, self._half = (self._half + self._file.read()).split("\n")
        if self._replaced():
            self._file.close()
            self._file = self.path.open(errors="replace")
        return lines

    def _replaced(self) -> bool:
        try:
            return not os.path.samestat(os.fstat(self._file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False


def written(line: Line) -> str:
    """A line for a person: the time, who, the level, the event; other lines stay as they are."""
    entry = _entry(line.text)
    if entry is None:
        return f"{line.source}  {line.text}"
    rest = "  ".join(f"{name}={value}" for name, value in entry.items() if name not in _SHOWN_APART)
    error = _error(entry.get("exception"))
    head = f"{line.at[11:23]} {line.source} {entry.get('level', '')}: {entry.get('event', '')}"
    return "  ".join(part for part in (head, rest, error) if part)


def _error(exception: object) -> str:
    if not isinstance(exception, dict):
        return ""
    places = exception.get("at") or ["?"]
    return f"{exception.get('type')} at {places[-1]}"
