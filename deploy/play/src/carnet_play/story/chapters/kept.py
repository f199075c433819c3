"""A line that sold a credit is not cancelled once a part of the credit is used (CRE-5, CON-8)."""

from dataclasses import replace

from carnet_play.story.desk import Json, RefusedError
from carnet_play.story.faults import StoryError
from carnet_play.story.showing import entries_table
from carnet_play.story.stage import Family, Stage


async def play(stage: Stage) -> None:
    """Pay the rest of Tom's workshop with the credit that Mary bought, then try to give that credit back."""
    bakers = stage.families["Baker"]
    [sold] = [each for each in await stage.desk.credits(bakers.account.id) if each["origin"] == "sold"]
    stage.say("The other half is paid with the credit of 50.00 € that she bought in September: 20.00 € are left of it.")
    await stage.desk.use_credit(bakers.contract, sold["id"], 3_000)
    await stage.wire.expect("CreditUsed", sold["id"], contract=bakers.contract, amount=3_000, left=2_000)
    await stage.wire.expect("ContractPaid", bakers.contract, total=6_000)
    await stage.letterbox.expect(bakers.email, "Your client credit paid")
    await stage.letterbox.expect(bakers.email, "fully paid")

    stage.say("Mary would give the credit back after all. Cancelling the line that sold it asks credits first:")
    selling = replace(bakers, contract=sold["contract"])
    await _refused(stage, selling, sold)
    contract = (await stage.desk.contract(selling.contract)).body
    [line] = contract["lines"]
    stage.must("The line that sold it", expected=(sold["line"], "live"), found=(line["id"], line["state"]))
    stage.must("A change that waits", expected=None, found=contract["pending"])
    stage.must("The credit that prevented it", expected=sold["id"], found=contract["refused_change"]["credit"])
    found = await stage.desk.credit(sold["id"])
    stage.console.print(entries_table("the credit, movement by movement", found["entries"]))
    stage.amount("What is left of it", expected=2_000, found=found["left"]["amount"])


async def _refused(stage: Stage, selling: Family, sold: Json) -> None:
    change = {"cancel": [sold["line"]]}
    preview = await stage.preview(selling, change)
    stage.must("What the preview says that credits is asked", expected=[sold["line"]], found=preview["asks_credits"])
    try:
        await stage.desk.confirm(selling.contract, change, preview["versions"])
    except RefusedError as refused:
        stage.must("The refusal", expected=(409, "credit-used"), found=(refused.status, refused.slug))
        stage.must("The credit that it names", expected=sold["id"], found=refused.problem["params"]["credit"])
        stage.refusal(refused)
        await stage.wire.expect("ChangeRefused", selling.contract, credit=sold["id"])
        return
    raise StoryError("Cancelling what sold a credit that is used was to be refused, and was accepted.")
