"""A workshop is added after enrolment: what is planned adjusts, what is paid does not (CON-2, CON-3, PAY-1, PAY-3)."""

from carnet.dates import monthly
from carnet_play.story.stage import Stage


async def play(stage: Stage) -> None:
    """Preview the workshop, see that nothing has changed, confirm it."""
    martins = stage.families["Martin"]
    change = {"add": [stage.products["Tap workshop"].bought(martins.account.members["Léa"])]}
    before = await stage.desk.contract(martins.contract)
    stage.say("Léa would like the tap workshop. The preview shows what it would cost, and changes nothing.")
    preview = await stage.preview(martins, change)
    unchanged = await stage.desk.contract(martins.contract)
    stage.must("The contract's version after a preview", expected=before.version, found=unchanged.version)
    stage.amount("The previewed total", expected=60_000, found=preview["total"]["after"]["amount"])

    stage.say("Confirmed: the two instalments to come carry the 60.00 €, the one that is paid stays as it is.")
    await stage.confirm(martins, change, preview)
    schedule = (await stage.desk.schedule(martins.contract)).body
    _, october, november = monthly(stage.today, 3)
    stage.instalments("The schedule", schedule, (october, 21_000), (november, 21_000))
    await stage.letterbox.expect(martins.email, "Tap workshop")
