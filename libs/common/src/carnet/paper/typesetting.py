"""A template and its data, typeset."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from carnet.paper.writing import all_shown

_HERE = Path(__file__).parent
_STANDARDS = ["a-3a", "ua-1"]
_ONE_AT_A_TIME = Lock()
"""A compiler keeps what it has worked out for the next document, and takes one document at a time."""


class TypesettingError(Exception):
    """The template cannot be typeset with its data: an image that cannot be read, for example."""


def typeset(template: Path, data: Mapping[str, Any], *, made_on: date, attached: str = "") -> bytes:
    """The PDF that a template and its data become; ``attached`` is a text that the template attaches.

    Texts are written as the fonts can show them. Runs for 10 to 200 ms, so not in an event loop.

    Raises ``TypesettingError``.
    """
    import typst  # noqa: PLC0415 # loaded by who prints only

    inputs = {"data": json.dumps(all_shown(data), ensure_ascii=False, separators=(",", ":")), "attached": attached}
    noon = datetime.combine(made_on, time(12), UTC)
    with _ONE_AT_A_TIME:
        try:
            made = _compiler().compile(
                template,
                root=template.parent,
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=_STANDARDS,
                timestamp=noon,
            )
        except typst.TypstError as error:
            raise TypesettingError(error.message) from error
    return bytes(made)


@cache
def _compiler() -> Any:
    import typst  # noqa: PLC0415 # likewise

    return typst.Compiler(
        font_paths=[_HERE / "fonts"],
        ignore_system_fonts=True,
        package_path=_HERE / "packages",
        package_cache_path=_HERE / "packages",
    )
