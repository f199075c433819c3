"""`carnet topics`."""

import asyncio

import typer
from aiokafka.errors import KafkaConnectionError
from rich.table import Table

from carnet.events import TOPICS
from carnet.topics import make_topics, settings_of
from carnet_operations.errors import CommandError
from carnet_operations.places import backends
from carnet_operations.terminal import faults_shown, out


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(topics)


def topics() -> None:
    """Make the topics that are missing, and show them all. Their partitions are never changed."""
    with faults_shown():
        where = backends()
        try:
            made = asyncio.run(make_topics(where.kafka_bootstrap, where.namespace))
        except KafkaConnectionError as error:
            raise CommandError(f"Kafka does not answer at {where.kafka_bootstrap}.") from error
    table = Table("topic", "kind", "partitions", "settings", *([""] if made else []))
    for topic in TOPICS:
        name = where.namespace + topic.name
        settings = ", ".join(f"{key}={value}" for key, value in settings_of(topic).items())
        table.add_row(
            name, topic.kind, str(topic.partitions), settings, *(["made now" if name in made else ""] if made else [])
        )
    out.print(table)
