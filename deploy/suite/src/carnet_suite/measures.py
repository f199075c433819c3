"""What a worker's metrics say about the work that waits in it."""

import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families


@dataclass(frozen=True, slots=True)
class Measures:
    """Work that waits; None if the worker has not measured it yet. Ages are in seconds."""

    behind: float | None
    unpublished: float | None
    oldest_seconds: float | None
    parked: float | None
    paused: tuple[str, ...] = ()
    """The topics that its service does not handle, since too much of them failed."""


UNKNOWN = Measures(None, None, None, None)


def measures_of(health: str) -> Measures:
    """The measures of the worker with that health address; unknown if it does not answer."""
    address = health.rpartition("/health/")[0] + "/metrics"
    try:
        with urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310 # our own address
            return parse(response.read().decode())
    except OSError:
        return UNKNOWN


def parse(text: str) -> Measures:
    """The measures in a page of metrics, summed over topics."""
    samples = {family.name: family.samples for family in text_string_to_metric_families(text) if family.type == "gauge"}
    gauges = {name: [sample.value for sample in of_name] for name, of_name in samples.items()}
    paused = sorted(sample.labels["topic"] for sample in samples.get("carnet_topic_paused", ()) if sample.value)
    return Measures(
        behind=_sum(gauges.get("carnet_consumer_lag", ())),
        unpublished=_sum(gauges.get("carnet_journal_unpublished", ())),
        oldest_seconds=_sum(gauges.get("carnet_journal_oldest_unpublished_seconds", ())),
        parked=_sum(gauges.get("carnet_parked", ())),
        paused=tuple(paused),
    )


def _sum(values: Iterable[float]) -> float | None:
    counted = list(values)
    return sum(counted) if counted else None
