"""Logs merged for a person, and what metrics say."""

import json
import threading
from pathlib import Path

import pytest

from carnet_suite.logs import Line, files_of, follow, last_lines, written
from carnet_suite.measures import UNKNOWN, parse
from carnet_suite.supervisor.errors import SuiteError
from tests.waits import BOUND, until


def entry(at: str, event: str, **rest: object) -> str:
    return json.dumps({"at": f"2026-11-22T{at}Z", "level": "info", "event": event, "service": "payments", **rest})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    api = [entry("10:00:00.000001", "one"), "Traceback", "  at somewhere", entry("10:00:02.000001", "three")]
    (logs / "payments-api.log").write_text("\n".join(api) + "\n")
    (logs / "payments-worker.log").write_text(entry("10:00:01.000001", "two") + "\n")
    (logs / "payments-worker-2.log").write_text("")
    (logs / "payments-worker.log.before").write_text("the run before\n")
    (logs / "front.log").write_text("")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "kafka.log").write_text("[kafka] started\n")
    return tmp_path


@pytest.mark.parametrize(
    ("what", "role", "names"),
    [
        ("payments", None, ["payments-api", "payments-worker", "payments-worker-2"]),
        ("payments", "worker", ["payments-worker", "payments-worker-2"]),
        ("payments", "api", ["payments-api"]),
        ("front", None, ["front"]),
        ("kafka", None, ["kafka"]),
    ],
)
def test_each_service_role_and_server_has_its_files(
    folder: Path, what: str, role: str | None, names: list[str]
) -> None:
    assert sorted(path.stem for path in files_of(folder, what, role)) == sorted(names)


def test_an_unknown_name_is_answered_with_those_that_are_known(folder: Path) -> None:
    with pytest.raises(SuiteError, match=r"no log of billing .*front, payments-api, .*, kafka\.$"):
        files_of(folder, "billing")


def test_before_any_suite_has_run_no_log_is_offered(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match=r"no log of payments worker .*no suite has run there"):
        files_of(tmp_path, "payments", "worker")


def test_lines_are_merged_by_their_instants_and_a_traceback_stays_together(folder: Path) -> None:
    texts = [line.text for line in last_lines(files_of(folder, "payments"), 10)]
    assert [json.loads(text)["event"] if text.startswith("{") else text for text in texts] == [
        "one",
        "Traceback",
        "  at somewhere",
        "two",
        "three",
    ]


def test_only_the_last_lines_of_each_are_shown(folder: Path) -> None:
    assert len(last_lines(files_of(folder, "payments"), 1)) == 2
    assert last_lines(files_of(folder, "payments"), 0) == []


def test_a_line_is_written_for_a_person() -> None:
    text = entry(
        "10:00:00.123456", "batch applied", count=3, exception={"type": "ValueError", "at": ["a:1 f", "b:2 g"]}
    )
    line = written(Line("payments-worker", "2026-11-22T10:00:00.123456Z", text))
    assert line == "10:00:00.123 payments-worker info: batch applied  count=3  ValueError at b:2 g"
    assert written(Line("kafka", "", "[kafka] started")) == "kafka  [kafka] started"


def test_following_shows_what_comes_whole_and_goes_over_to_the_file_of_a_new_run(folder: Path) -> None:
    log = folder / "logs" / "front.log"
    seen: list[str] = []
    ended = threading.Event()

    def going_on() -> bool:
        begun.set()
        return not ended.is_set()

    begun = threading.Event()
    watching = threading.Thread(target=follow, args=([log], lambda line: seen.append(line.text), going_on))
    watching.start()
    assert begun.wait(BOUND)
    with log.open("a") as out:
        out.write("first ")
        out.flush()
        ended.wait(0.5)
        assert seen == []
        out.write("line\n")
    until(lambda: len(seen) >= 1)
    log.replace(log.with_suffix(".log.before"))
    log.write_text("of the next run\n")
    until(lambda: len(seen) >= 2)
    ended.set()
    watching.join()
    assert seen == ["first line", "of the next run"]


def test_measures_are_summed_over_topics() -> None:
    page = """
# TYPE carnet_consumer_lag gauge
carnet_consumer_lag{service="payments",topic="a"} 3.0
carnet_consumer_lag{service="payments",topic="b"} 4.0
# TYPE carnet_journal_unpublished gauge
carnet_journal_unpublished{service="payments"} 2.0
# TYPE carnet_journal_oldest_unpublished_seconds gauge
carnet_journal_oldest_unpublished_seconds{service="payments"} 0.5
# TYPE carnet_parked gauge
carnet_parked{service="payments",topic="a"} 1.0
"""
    measured = parse(page)
    assert (measured.behind, measured.unpublished, measured.oldest_seconds, measured.parked) == (7, 2, 0.5, 1)
    assert parse("") == UNKNOWN
