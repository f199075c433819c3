"""When the tests keep their files in memory."""

import os
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from tests import folders

PLENTY = folders.NEEDED * 2


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in memory with plenty of room, on a machine with plenty of memory, and no place that is given."""
    monkeypatch.setattr(folders, "IN_MEMORY", tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", "as before, afterwards")
    monkeypatch.delenv("TMPDIR")
    free(monkeypatch, space=PLENTY)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=PLENTY))
    monkeypatch.setattr(folders, "_left_to_group", lambda: PLENTY)
    return tmp_path


def free(monkeypatch: pytest.MonkeyPatch, *, space: int, flags: int = 0) -> None:
    """Let every file system have so much space, in pages of 4 KB."""
    found = SimpleNamespace(f_bavail=space // 4096, f_frsize=4096, f_flag=flags)
    monkeypatch.setattr(os, "statvfs", lambda _: found)


def kept_in() -> str:
    """Where temporary files are made, by this process and by those that it starts."""
    folders.keep_in_memory()
    assert os.environ.get("TMPDIR", tempfile.gettempdir()) == tempfile.gettempdir()
    return tempfile.gettempdir()


def test_files_are_in_memory_if_there_is_plenty_of_it(memory: Path) -> None:
    assert kept_in() == str(memory)


def test_a_place_that_is_given_is_kept(memory: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    given = str(tmp_path_factory.mktemp("given"))
    os.environ["TMPDIR"] = given
    assert kept_in() == given


def test_without_such_a_folder_files_are_where_they_usually_are(memory: Path) -> None:
    shutil.rmtree(memory)
    assert kept_in() != str(memory)
    assert "TMPDIR" not in os.environ


@pytest.mark.parametrize("short", ["space", "memory", "group"])
def test_just_below_what_is_needed_is_not_enough(memory: Path, monkeypatch: pytest.MonkeyPatch, short: str) -> None:
    for left, enough in ((folders.NEEDED - 4096, False), (folders.NEEDED, True)):
        if short == "space":
            free(monkeypatch, space=left)
        elif short == "memory":
            monkeypatch.setattr(psutil, "virtual_memory", lambda left=left: SimpleNamespace(available=left))
        else:
            monkeypatch.setattr(folders, "_left_to_group", lambda left=left: left)
        assert folders.has_room(memory) == enough


def test_a_folder_in_which_nothing_is_executed_does_not_do(memory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, space=PLENTY, flags=os.ST_NOEXEC)
    assert not folders.has_room(memory)


@pytest.mark.parametrize(
    ("limit", "used", "left"),
    [("1000\n", "400\n", 600), ("max\n", "400\n", float("inf")), ("1000\n", None, float("inf"))],
)
def test_what_a_container_may_still_take(tmp_path: Path, limit: str, used: str | None, left: float) -> None:
    (tmp_path / "memory.max").write_text(limit)
    if used is not None:
        (tmp_path / "memory.current").write_text(used)
    assert folders._left_to_group(tmp_path) == left
