"""What Java loads and links of Kafka, kept in a file (an AOT cache): a broker that has it starts with half the work.

It belongs to one Java and to the jars as they lie on this disk. Without it, or with another one, a broker only starts
more slowly.
"""

import tempfile
from pathlib import Path

from carnet_suite.servers.errors import ServerError
from carnet_suite.servers.kafka import KafkaServer, classes_file
from carnet_suite.servers.ports import Ports

_WRITES_WITHIN_S = 300.0


def keep_classes(home: Path) -> bool:
    """Make the file below `home`, unless it is there, by a broker that starts and stops; whether it is there then."""
    kept = classes_file(home)
    if kept.exists():
        return True
    with tempfile.TemporaryDirectory(prefix="kafka-classes-", dir=kept.parent) as folder:
        made, ports = Path(folder) / "made", Ports().chosen()
        broker = KafkaServer(
            Path(folder) / "kafka",
            home,
            ports.kafka,
            ports.kafka_controller,
            options=(f"-XX:AOTCacheOutput={made}",),
            grace=_WRITES_WITHIN_S,  # it writes the file when it stops
        )
        try:
            broker.start()
        except ServerError:  # a Java that keeps no classes refuses the option
            return False
        broker.stop()
        if not made.exists():
            return False
        for other in kept.parent.glob("kafka-*.aot"):
            other.unlink(missing_ok=True)
        made.rename(kept)
    return True
