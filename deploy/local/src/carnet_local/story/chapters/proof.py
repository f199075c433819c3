"""Everything that the five services hold is read and added up again."""

from carnet_local.story.faults import StoryError
from carnet_local.story.stage import Stage
from carnet_local.verify import verify
from carnet_local.verify.command import show


async def play(stage: Stage) -> None:
    """Verify the suite."""
    servers = stage.suite.servers
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, stage.suite.namespace)
    show(report, stage.console)
    if not report.ok:
        raise StoryError("The services do not agree: see the findings above.")
