"""What the long form measured, written to docs/operations/chaos.md: each test its own part, the others' stay."""

import re
from collections.abc import Mapping

from carnet.dates import utc_now
from tests.pages import ROOT

PAGE = ROOT / "docs" / "operations" / "chaos.md"


def write(name: str, rows: Mapping[str, float], verdict: str, *between: str) -> None:
    """Put a table of what was measured in the place of the part of that name: rows, texts between, the verdict."""
    page = PAGE.read_text(encoding="utf-8")
    begins, ends = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    text = "\n\n".join([table("what", rows), *between, verdict])
    measured = f"{begins}Run of {utc_now().date().isoformat()}.\n\n{text}\n{ends}"
    assert begins in page, f"{PAGE.name} has no part {name}"
    PAGE.write_text(re.sub(f"{begins}.*{ends}", lambda _: measured, page, flags=re.DOTALL), encoding="utf-8")


def table(head: str, rows: Mapping[str, float]) -> str:
    """Rows of a word and a number."""
    lines = [f"| {head} | |", "|---|---:|", *(f"| {what} | {round(number):,} |" for what, number in rows.items())]
    return "\n".join(lines)
