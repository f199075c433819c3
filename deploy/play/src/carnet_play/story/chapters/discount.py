"""A discount fixes its share of each line; a line under it is cancelled only together with it (CON-6, CON-7)."""

from carnet.dates import monthly
from carnet_play.story.desk import Json, RefusedError
from carnet_play.story.faults import StoryError
from carnet_play.story.stage import Family, Stage


async def play(stage: Stage) -> None:
    """Place the discount, try to cancel a course under it, then cancel both at once."""
    martins = stage.families["Martin"]
    _, october, november = monthly(stage.today, 3)
    stage.say("Two children: the family discount of 10 % is placed on the courses and the workshop.")
    schedule = await stage.change(martins, {"discounts": [stage.products["Family discount"].placed()]})
    stage.instalments("The schedule", schedule, (october, 18_000), (november, 18_000))
    await stage.letterbox.expect(martins.email, "Family discount")

    lines = {line["name"]: line for line in (await stage.desk.contract(martins.contract)).body["lines"]}
    discount, jazz = lines["Family discount"], lines["Modern jazz"]
    stage.amount("The share of modern jazz", expected=2_400, found=_share(discount, jazz["id"]))

    stage.say("Noé gives up modern jazz. Cancelling the course alone is refused:")
    await _refused(stage, martins, {"cancel": [jazz["id"]]}, discount["id"])
    stage.say("Together with the discount it is one change, whatever order names them; nothing is refunded in between.")
    schedule = await stage.change(martins, {"cancel": [jazz["id"], discount["id"]]})
    stage.instalments("The schedule", schedule, (october, 9_000), (november, 9_000))
    stage.amount("The refund line", expected=0, found=schedule["balance"]["refund_due"]["amount"])
    await stage.letterbox.expect(martins.email, "Modern jazz")


def _share(discount: Json, line: str) -> int:
    return next(int(share["amount"]["amount"]) for share in discount["shares"] if share["line"] == line)


async def _refused(stage: Stage, family: Family, change: Json, discount: str) -> None:
    try:
        await stage.desk.preview(family.contract, change)
    except RefusedError as refused:
        stage.must("The refusal", expected="line-bears-discount", found=refused.slug)
        stage.must("The discount that it names", expected=[discount], found=refused.problem["params"]["discounts"])
        stage.refusal(refused)
        return
    raise StoryError("Cancelling a course under a discount was to be refused, and was accepted.")
