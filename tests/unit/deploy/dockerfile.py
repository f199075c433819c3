"""The Dockerfile as the tests read it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order: the word and the rest, lines joined, comments gone."""
    text = re.sub(r"^#.*\n", "", (ROOT / "deploy" / "Dockerfile").read_text(), flags=re.MULTILINE)
    joined = text.replace("\\\n", "")
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in joined.splitlines() if line.strip()]


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions by stage, those of the stages below first."""
    made: dict[str, list[tuple[str, str]]] = {}
    current = "before"
    for word, rest in instructions():
        if word == "FROM":
            below, _, current = rest.split()
            made[current] = list(made.get(below, []))
        else:
            made.setdefault(current, []).append((word, rest))
    return made
