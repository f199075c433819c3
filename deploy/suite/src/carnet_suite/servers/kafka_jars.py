"""The jars of Apache Kafka.

`kafka_jars.lock` names each with its SHA-256. For a new version of Kafka, change it here and call
write_lock().
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from jgo.parse import Coordinate

from carnet_suite.servers.maven import context_of, download, fetched, sha256

VERSION = "4.3.1"
#: kafka-clients is named too, because an older one would be picked otherwise.
COORDINATES = (
    f"org.apache.kafka:kafka_2.13:{VERSION}",
    f"org.apache.kafka:kafka-clients:{VERSION}",
    "org.slf4j:slf4j-simple:1.7.36",
)
_LOCK = Path(__file__).with_name("kafka_jars.lock")


def jars_folder(home: Path) -> Path:
    """The folder of jars below `home`; filled on the first call.

    Raises:
        JarsUnavailableError: they cannot be fetched, or differ from the known ones.
    """
    locked = dict(line.split() for line in _LOCK.read_text().splitlines())
    return fetched(home / "cache" / f"kafka-{VERSION}", locked, f"Apache Kafka {VERSION}")


def write_lock() -> None:
    """Resolve the coordinates with all that they need, and write down the result."""
    with tempfile.TemporaryDirectory() as repository:
        context = context_of(Path(repository))
        wanted = [context.create_dependency(replace(Coordinate.parse(name), scope="compile")) for name in COORDINATES]
        named, transitive = context.resolver.resolve(wanted)
        needed = [*named, *(each for each in transitive if each.scope in ("compile", "runtime"))]
        jars = download(each.artifact for each in needed)
        lines = (
            f"{each.groupId}:{each.artifactId}:{each.version} {sha256(jar)}\n"
            for each, jar in zip(needed, jars, strict=True)
        )
        _LOCK.write_text("".join(sorted(lines)))
