"""Events are only ever extended: what may change in a released schema and what may not."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import Field, create_model

from carnet.events import EVENTS
from carnet.events.base import Event, Part, Topic
from carnet_operations.documents import publish
from carnet_operations.documents.event_schemas import event_schema, event_schemas
from carnet_operations.documents.publish import incompatible

TOPIC = Topic("contracts.contracts", "facts")


class Course(Part):
    kind: Literal["course"] = "course"
    capacity: int | None = None


class Licence(Part):
    kind: Literal["licence"] = "licence"
    federation: str


class Gift(Part):
    kind: Literal["gift"] = "gift"
    recipient: str


class Line(Part):
    line: str
    price: Annotated[int, Field(ge=0, le=1000)]


class Sold(Event):
    topic: ClassVar[Topic] = TOPIC

    contract: Annotated[str, Field(pattern="^[0-9a-f]+$")]
    mode: Literal["online", "on_site"]
    total: Annotated[int, Field(ge=0, le=1000)]
    on: date
    note: str | None = None
    count: int = 1
    lines: tuple[Line, ...]
    details: Annotated[Course | Licence, Field(discriminator="kind")]
    worth: dict[str, Line] = Field(default={})


REMOVED = object()


def changed(**fields: Any) -> list[str]:
    """What is incompatible when these fields of ``Sold`` are declared so: (type, default) or REMOVED."""
    declared = {name: (info.rebuild_annotation(), info) for name, info in Sold.model_fields.items()} | fields
    kept = {name: declaration for name, declaration in declared.items() if declaration is not REMOVED}
    after = create_model("Sold", __base__=Event, **kept)
    after.topic = TOPIC
    return incompatible({"Sold": event_schema(Sold)}, {"Sold": event_schema(after)})


def test_the_same_event_is_compatible() -> None:
    assert changed() == []


class Opened(Line):
    extra: int = 0


class Demanding(Line):
    extra: int


class Wider(Line):
    price: Annotated[int, Field(ge=0, le=2000)]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"extra": (str | None, None)}, id="added optional field"),
        pytest.param({"lines": (tuple[Opened, ...], ...)}, id="added optional field of a part"),
        pytest.param({"mode": (Literal["online", "on_site", "by_post"], ...)}, id="further value of an enumeration"),
        pytest.param(
            {"details": (Annotated[Course | Licence | Gift, Field(discriminator="kind")], ...)},
            id="further kind of a tagged part",
        ),
    ],
)
def test_an_extension_is_compatible(fields: dict[str, Any]) -> None:
    assert changed(**fields) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"total": REMOVED, "sum": (int, 0)}, "total is gone", id="rename"),
        pytest.param({"note": REMOVED}, "note is gone", id="removal of an optional field"),
        pytest.param({"count": (str, "1")}, "count was integer and is now string", id="type"),
        pytest.param({"on": (str, ...)}, "on had format date and now has no format", id="format"),
        pytest.param({"extra": (int, ...)}, "extra is new and must be optional", id="new required field"),
        pytest.param({"note": (str | None, ...)}, "note is now required", id="optional made required"),
        pytest.param({"on": (date, date(2027, 1, 1))}, "on was always there", id="required made optional"),
        pytest.param({"count": (int, 2)}, "count had default 1", id="default"),
        pytest.param({"mode": (Literal["online"], ...)}, "mode can no longer be on_site", id="value removed"),
        pytest.param({"mode": (str, ...)}, "mode can no longer be online, on_site", id="enumeration opened"),
        pytest.param(
            {"note": (Literal["a"] | None, None)}, "note took any string and now only a", id="values narrowed"
        ),
        pytest.param({"total": (Annotated[int, Field(ge=0, le=10)], ...)}, "maximum 1000", id="maximum lowered"),
        pytest.param({"total": (Annotated[int, Field(ge=1, le=1000)], ...)}, "minimum 0", id="minimum raised"),
        pytest.param({"total": (Annotated[int, Field(ge=0)], ...)}, "maximum 1000", id="maximum dropped"),
        pytest.param({"note": (Annotated[str, Field(max_length=9)] | None, None)}, "maxLength", id="length limited"),
        pytest.param({"contract": (Annotated[str, Field(pattern="^[0-9]+$")], ...)}, "pattern", id="pattern"),
        pytest.param({"total": (int | None, ...)}, "total may now be null", id="made nullable"),
        pytest.param({"note": (str, "")}, "note can no longer be null", id="no longer nullable"),
        pytest.param(
            {"lines": (tuple[Demanding, ...], ...)}, "lines[].extra is new", id="new required field of a part"
        ),
        pytest.param({"lines": (tuple[Wider, ...], ...)}, "lines[].price had maximum 1000", id="limit of a part"),
        pytest.param({"lines": (Line, ...)}, "lines was array and is now object", id="list made single"),
        pytest.param({"worth": (dict[str, Wider], {})}, "worth{}.price had maximum", id="limit in a mapping"),
        pytest.param({"details": (Course, ...)}, "details can no longer be kind licence", id="kind removed"),
    ],
)
def test_anything_else_is_refused_and_named(fields: dict[str, Any], said: str) -> None:
    problems = changed(**fields)
    assert any(said in problem for problem in problems), problems
    assert all(problem.startswith("Sold: ") for problem in problems)


def test_a_new_type_is_compatible_and_a_type_that_is_gone_is_not() -> None:
    one = {"Sold": event_schema(Sold)}
    assert incompatible({}, one) == []
    assert incompatible(one, {}) == ["Sold is gone: a released event type stays, publish the new one beside it"]


def test_an_event_stays_on_its_topic() -> None:
    before = {"Sold": event_schema(Sold)}
    moved = {"Sold": {**before["Sold"], "x-topic": "contracts.accounts"}}
    assert incompatible(before, moved) == [
        "Sold: the body had x-topic contracts.contracts and now has x-topic contracts.accounts"
    ]


def test_personal_data_is_published_only_on_a_topic_that_may_carry_it() -> None:
    for event in EVENTS:
        schema = event_schema(event)
        assert event.topic.personal or "personal" not in schema.get("properties", {}), event
        assert event.topic.personal or not any("Personal" in name for name in schema.get("$defs", {})), event
    assert "personal" in event_schemas()["carnet.contracts.AccountChanged.v1"]["properties"]


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    publish.release(tmp_path / "docs")
    return tmp_path / "docs"


NAME = "carnet.payments.ContractPaid.v1"


def rename_in_baseline(docs: Path, name: str = NAME) -> None:
    """Make the code look as if it had renamed a released field: the baseline has the old name."""
    path = docs / "events" / "released" / f"{name}.json"
    schema = json.loads(path.read_text())
    schema["properties"]["until_now"] = schema["properties"].pop("covers")
    path.write_text(json.dumps(schema))


def test_a_release_takes_additions_in_and_refuses_a_rename_whole(docs: Path) -> None:
    added = docs / "events" / "released" / "carnet.credits.CreditGranted.v1.json"
    added.unlink()
    assert publish.broken(docs) == []
    rename_in_baseline(docs)
    assert any("until_now is gone" in problem for problem in publish.broken(docs))
    assert publish.release(docs) == publish.broken(docs)
    assert not added.exists()


def test_making_the_documents_anew_does_not_hide_a_rename(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "SERVICES", ())
    rename_in_baseline(docs)
    publish.write(docs)
    assert publish.drift(docs) == []
    assert publish.broken(docs) != []


def test_a_baseline_edited_by_hand_is_found_by_git(docs: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", "-C", str(docs.parent), *identity, *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "released")
    assert publish.rewritten(docs) == []
    rename_in_baseline(docs)
    problems = publish.rewritten(docs)
    assert problems
    assert all(problem.startswith(f"HEAD: {NAME}: ") for problem in problems)
    git("commit", "-q", "-a", "-m", "renamed")
    assert [problem.replace("HEAD~1", "HEAD") for problem in publish.rewritten(docs)] == problems


def test_drift_names_what_is_missing_changed_or_left_over(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "SERVICES", ())
    publish.write(docs)
    assert publish.drift(docs) == []
    schemas = docs / "events" / "schemas"
    (schemas / f"{NAME}.json").unlink()
    (schemas / "carnet.credits.CreditGranted.v1.json").write_text("{}\n")
    (schemas / "carnet.credits.CreditLost.v1.json").write_text("{}\n")
    assert publish.drift(docs) == [
        "events/schemas/carnet.credits.CreditLost.v1.json is of something that no longer exists",
        f"events/schemas/{NAME}.json is missing",
        "events/schemas/carnet.credits.CreditGranted.v1.json is not what the code says",
    ]
    publish.write(docs)
    assert publish.drift(docs) == []


def test_the_committed_baseline_is_read_by_the_code() -> None:
    assert publish.broken(Path(__file__).parents[3] / "docs") == []
