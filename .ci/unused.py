"""Code that nothing in the product uses: functions, methods, classes, properties. Tests alone are no use.

Fields are not looked at: what a document or an answer holds is used by its readers. The exit code is 1 where
something is found that the list below does not name.
"""

import re
import sys
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parents[1]
DECORATED = ["@*.get", "@*.post", "@*.put", "@*.patch", "@*.delete", "@*.on", "@field_*", "@model_*", "@computed_field"]
"""Decorators that hand a function to its caller: routes, reactions, validators."""

CALLED_FROM_OUTSIDE = {
    "add_to": "entry points, by which a package brings its commands",
    "list_": "typer, as `carnet parked list`",
    "field_title_should_be_set": "pydantic, when it makes a JSON Schema",
    "model_parametrized_name": "pydantic, when a model is given its types",
    "handle_RCPT": "aiosmtpd, the mail server of the suite",
    "handle_DATA": "aiosmtpd, likewise",
    "capture_signals": "uvicorn, when a server starts",
    "main_loop": "uvicorn, likewise",
    "write_lock": "a person who moves to another Kafka, by hand",
    "await_primary": "the tests' own servers",
    "step_down": "the tests that break MongoDB on purpose",
    "format_field": "string.Formatter",
    "start_tracing": "a process that exports traces, at its start",
}
"""Names, and who uses them."""


def main() -> int:
    """Print what is unused, and names of the list that are used by now; the exit code."""
    vulture = Vulture(ignore_decorators=DECORATED)
    vulture.scavenge(
        [str(source) for folder in ("libs", "services", "apps", "deploy") for source in (ROOT / folder).glob("*/src")]
    )
    pages = " ".join(page.read_text(encoding="utf-8") for page in (ROOT / "apps").glob("*/src/**/*.html"))
    in_pages = set(re.findall(r"\.([a-z_]+)", pages))
    found = [
        item
        for item in vulture.get_unused_code()
        if item.typ not in ("variable", "attribute") and item.name not in in_pages
    ]
    lines = [item.get_report().removeprefix(f"{ROOT}/") for item in found if item.name not in CALLED_FROM_OUTSIDE]
    stale = CALLED_FROM_OUTSIDE.keys() - {item.name for item in found}
    lines += [f".ci/unused.py: {name} is used, or gone: take it off the list" for name in sorted(stale)]
    print("\n".join(lines) or "No unused code.")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
