"""The public documents, made from the code, and the promise that released events stay readable.

In ``docs``: ``events/schemas`` has a JSON Schema per event type, ``events/asyncapi`` a document
per service, ``events/README.md`` the list of all of them, ``api`` an OpenAPI document per
service, ``integration/problems.md`` every problem type, ``integration/rights.md`` who may do
what, ``integration/mails.md`` which mail is sent when. Beside ``docs``,
``deploy/front/problems.html`` is what the front serves as ``/problems``.
``events/released`` is the baseline: the schemas as they were released. Nothing removes from it
or changes it except for additions, so that making the documents again never hides an
incompatible change.
"""

import importlib
import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_type_hints

from carnet.events import EVENTS, TOPICS
from carnet_operations.documents.asyncapi import asyncapi, publishers
from carnet_operations.documents.compatibility import Schema, incompatible
from carnet_operations.documents.event_schemas import Document, event_schemas
from carnet_operations.documents.for_clients import problem_page, problem_types, rights
from carnet_operations.documents.mails import mails_sent
from carnet_operations.services import SERVICES

__all__ = ["broken", "drift", "incompatible", "openapi", "release", "rewritten", "write"]

_GENERATED = ("events/schemas", "events/asyncapi", "api")
_OF_THE_FRONT = "../deploy/front/problems.html"
_RELEASED = Path("events/released")


def write(docs: Path) -> None:
    """Make every document anew in ``docs``, and remove those of what no longer exists."""
    documents = _documents()
    for stale in _found(docs) - documents.keys():
        (docs / stale).unlink()
    for name, text in documents.items():
        _put(docs / name, text)


def drift(docs: Path) -> list[str]:
    """Which documents in ``docs`` are not what the code says, one sentence each; empty when all are."""
    documents = _documents()
    problems = [f"{name} is of something that no longer exists" for name in sorted(_found(docs) - documents.keys())]
    for name, text in documents.items():
        path = docs / name
        if not path.exists():
            problems.append(f"{name} is missing")
        elif path.read_text(encoding="utf-8") != text:
            problems.append(f"{name} is not what the code says")
    return problems


def broken(docs: Path) -> list[str]:
    """What the code changed incompatibly since the events were released; empty when nothing."""
    return incompatible(_released(docs), event_schemas())


def release(docs: Path) -> list[str]:
    """Take new events and additions into the released baseline; refuses all of it if anything is incompatible.

    Returns what is incompatible, as ``broken`` does; writes the baseline if that is empty.
    """
    problems = broken(docs)
    if not problems:
        for name, schema in event_schemas().items():
            _put(docs / _RELEASED / f"{name}.json", _json(schema))
    return problems


def rewritten(docs: Path, revisions: Iterable[str] = ("origin/main", "HEAD", "HEAD~1")) -> list[str]:
    """The breaks of the baseline itself since a git revision: it was edited or removed by hand.

    A revision that the clone does not have, or that had no baseline yet, has nothing to break.
    """
    now = _released(docs)
    found = (f"{revision}: {problem}" for revision in revisions for problem in incompatible(_at(docs, revision), now))
    return list(found)


def _documents() -> dict[str, str]:
    """The text of every document by its path below ``docs``."""
    schemas = {f"events/schemas/{name}.json": _json(schema) for name, schema in event_schemas().items()}
    channels = {f"events/asyncapi/{service}.json": _json(asyncapi(service)) for service in publishers()}
    apis = {service: openapi(service) for service in SERVICES}
    routes = {f"api/{service}.json": _json(document) for service, document in apis.items()}
    pages = {
        "events/README.md": _list_of_events(),
        "integration/problems.md": problem_types(tuple(SERVICES)),
        "integration/rights.md": rights(apis),
        "integration/mails.md": mails_sent(),
        _OF_THE_FRONT: problem_page(tuple(SERVICES)),
    }
    return {**schemas, **channels, **routes, **pages}


def openapi(service: str) -> Document:
    """The OpenAPI document of a service, as the front shows it."""
    app = importlib.import_module(f"{service}.app")
    # An API is described without opening anything, so the settings that only a machine can give may be missing.
    settings = get_type_hints(app.build_api)["settings"].model_construct()
    document: Document = app.build_api(settings).openapi()
    return {**document, "servers": [{"url": f"/{service}", "description": "Behind the front address."}]}


def _found(docs: Path) -> set[str]:
    """The present documents in the folders that hold made documents only."""
    return {f"{folder}/{path.name}" for folder in _GENERATED for path in (docs / folder).glob("*.json")}


def _released(docs: Path) -> dict[str, Schema]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (docs / _RELEASED).glob("*.json")}


def _at(docs: Path, revision: str) -> dict[str, Schema]:
    folder = f"{revision}:./{_RELEASED.as_posix()}"
    if _git(docs, "rev-parse", "--quiet", "--verify", folder).returncode:
        return {}
    # Without --full-tree git would look for the folder that we are in inside the one that it lists.
    listed = _git(docs, "ls-tree", "--full-tree", "--name-only", folder)
    listed.check_returncode()
    names = listed.stdout.splitlines()
    asked = "".join(f"{folder}/{name}\n" for name in names)
    # One process for all of them; each answer is the head, the file and a line break.
    shown = _git(docs, "cat-file", "--batch=%(objectsize)", stdin=asked)
    shown.check_returncode()
    schemas, rest = {}, shown.stdout.encode()
    for name in names:
        size, _, rest = rest.partition(b"\n")
        schemas[Path(name).stem] = json.loads(rest[: int(size)])
        rest = rest[int(size) + 1 :]
    return schemas


def _git(folder: Path, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(  # noqa: S603 # our own
        command, input=stdin, capture_output=True, text=True, encoding="utf-8", check=False
    )


def _list_of_events() -> str:
    lines = [
        "# The events",
        "",
        "Made from the code by `carnet docs`. Each type has a JSON Schema in `schemas/`, each service an AsyncAPI",
        "document in `asyncapi/`. `released/` holds the schemas as they were released: a change of the code that",
        "breaks one of them is refused, and `carnet docs --release` takes additions in.",
    ]
    for topic in TOPICS:
        kind = "facts, every one in sequence" if topic.kind == "facts" else "state, the highest sequence wins"
        lines += ["", f"## `{topic.name}`", "", f"Published by {topic.owner}: {kind}.", ""]
        lines += ["| type | what happened |", "|---|---|"]
        for event in EVENTS:
            if event.topic == topic:
                name = event.type_name()
                lines.append(f"| [`{name}`](schemas/{name}.json) | {(event.__doc__ or '').splitlines()[0]} |")
    return "\n".join(lines) + "\n"


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
