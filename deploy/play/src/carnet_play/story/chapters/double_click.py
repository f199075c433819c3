"""Two people at two desks, and one who clicks twice (CON-3)."""

import asyncio

from carnet.dates import monthly
from carnet.ids import new_id
from carnet_play.story.desk import RefusedError
from carnet_play.story.faults import StoryError
from carnet_play.story.stage import Stage


async def play(stage: Stage) -> None:
    """Confirm one of two previews of the same contract, then the other; then send one confirmation twice at once."""
    martins = stage.families["Martin"]
    licence = stage.products["Dance licence"].bought(martins.account.members["Noé"])
    ballet = (await stage.desk.contract(martins.contract)).body["lines"][0]["id"]
    stage.say(
        "Two colleagues preview a change of the same contract: a licence for Noé, and a lower price of the ballet."
    )
    theirs = {"edit": [{"line": ballet, "price": {"amount": 28_000, "currency": "EUR"}}]}
    ours = {"add": [licence]}
    their_preview = await stage.desk.preview(martins.contract, theirs)
    our_preview = await stage.desk.preview(martins.contract, ours)

    stage.say("The licence is confirmed, by somebody who clicks twice: the same request, at the same time, twice.")
    key = new_id()
    first, second = await asyncio.gather(
        *(stage.desk.confirm(martins.contract, ours, our_preview["versions"], key) for _ in range(2))
    )
    stage.must("The second answer", expected=first.body, found=second.body)
    now = await stage.desk.contract(martins.contract)
    licences = [line for line in now.body["lines"] if line["name"] == "Dance licence"]
    stage.must("Licences on the contract", expected=1, found=len(licences))
    stage.amount("The total", expected=39_500, found=now.body["total"]["amount"])
    await stage.wire.expect("ScheduleAdjusted", martins.contract, covers=first.version)
    schedule = (await stage.desk.schedule(martins.contract)).body
    _, october, november = monthly(stage.today, 3)
    stage.instalments("The schedule", schedule, (october, 10_750), (november, 10_750))
    await stage.letterbox.expect(martins.email, "Dance licence")

    stage.say("The colleague confirms what was previewed before: it is no longer true, and is refused.")
    try:
        await stage.desk.confirm(martins.contract, theirs, their_preview["versions"])
    except RefusedError as refused:
        stage.must("The refusal", expected=(412, "version-moved"), found=(refused.status, refused.slug))
        stage.refusal(refused)
    else:
        raise StoryError("A stale confirmation was to be refused, and was accepted.")
