"""The code in the pages of docs/, by the comment that stands before each block."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_BLOCK = re.compile(r"^<!-- (?P<title>[^\n]+) -->\n```[a-z]*\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> dict[str, str]:
    """The marked blocks of ``docs/<page>``: what the comment before each says, and the code."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = [(match["title"], match["code"]) for match in _BLOCK.finditer(text)]
    assert len(dict(found)) == len(found), f"two blocks of {page} have the same title"
    return dict(found)
