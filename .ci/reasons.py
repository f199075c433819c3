"""Exceptions to a rule of ruff or mypy without a reason: it stands beside them, as ``# noqa: S603 # our own tool``.

The exit code is 1 where something is found.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("libs", "services", "apps", "deploy", "tests", ".ci")
BARE = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b(?!(?:: [A-Z0-9, ]+|\[[a-z, -]+\]) # \S)")


def main() -> int:
    """Print the lines; the exit code."""
    found = [
        f"{file.relative_to(ROOT)}:{number}: why is this an exception? Say so beside it: {line.strip()}"
        for folder in FOLDERS
        for file in sorted((ROOT / folder).rglob("*.py"))
        if file != Path(__file__).resolve()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if BARE.search(line)
    ]
    print("\n".join(found) or "Every exception has its reason.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
