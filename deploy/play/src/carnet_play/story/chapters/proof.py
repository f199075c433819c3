"""Everything that the five services hold is read and added up again."""

from carnet_operations.verify import verify
from carnet_operations.verify.command import show
from carnet_play.story.faults import StoryError
from carnet_play.story.stage import Stage


async def play(stage: Stage) -> None:
    """Verify the suite."""
    suite, servers = stage.suite, stage.suite.servers
    sandbox = suite.sandbox or None
    report = await verify(servers.mongo_url, servers.kafka_bootstrap, suite.namespace, sandbox=sandbox)
    show(report, stage.console)
    if not report.ok:
        raise StoryError("The services do not agree: see the findings above.")
