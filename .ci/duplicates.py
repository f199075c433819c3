"""Lines of the product that are written twice: twelve or more in a row should be a part that both share.

Comments, docstrings, imports and signatures do not count. The exit code is 1 where something is found.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SYMILAR = Path(sys.executable).with_name("symilar")
LINES = 12
FOUND = re.compile(r"^TOTAL lines=\d+ duplicates=(\d+) ", re.MULTILINE)


def main() -> int:
    """Print which lines are written twice; the exit code."""
    sources = [
        str(file.relative_to(ROOT))
        for folder in ("libs", "services", "apps", "deploy")
        for file in sorted((ROOT / folder).glob("*/src/**/*.py"))
    ]
    ignored = ["--ignore-comments", "--ignore-docstrings", "--ignore-imports", "--ignore-signatures"]
    command = [str(SYMILAR), f"--duplicates={LINES}", *ignored, *sources]
    report = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 # our own tool
    found = FOUND.search(report)
    if found is None:
        sys.stderr.write(f"The report of symilar has no total:\n{report}")
        return 1
    if int(found[1]):
        sys.stdout.write(report)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
