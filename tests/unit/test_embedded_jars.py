"""Jars are the known ones or none."""

from pathlib import Path

import pytest

from carnet_suite.servers import kafka_jars, maven
from carnet_suite.servers.errors import JarsUnavailableError


def test_every_jar_is_locked_with_its_digest() -> None:
    lines = Path(kafka_jars.__file__).with_name("kafka_jars.lock").read_text().splitlines()
    locked = dict(line.split() for line in lines)
    assert set(kafka_jars.COORDINATES) < set(locked)
    assert {len(digest) for digest in locked.values()} == {64}


def test_a_folder_that_is_there_is_used_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / f"kafka-{kafka_jars.VERSION}"
    folder.mkdir(parents=True)
    assert kafka_jars.jars_folder(tmp_path) == folder


def test_a_jar_that_was_changed_on_the_way_is_refused(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jar", tmp_path / "bad.jar"
    good.write_bytes(b"as known")
    bad.write_bytes(b"as known, and more")
    digest = maven.sha256(good)
    maven.check({good: digest}, "Kafka")
    with pytest.raises(JarsUnavailableError, match=r"bad\.jar"):
        maven.check({good: digest, bad: digest}, "Kafka")
