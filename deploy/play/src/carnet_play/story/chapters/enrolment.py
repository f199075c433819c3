"""A family enrols two children, pays in three instalments, and brings the first one (PAY-7)."""

from carnet.dates import monthly
from carnet_play.story.desk import Person
from carnet_play.story.showing import lines_table, schedule_table
from carnet_play.story.stage import FAMILIES, Family, Stage

IN_THREE = {"start": "instalments", "count": 3}


async def play(stage: Stage) -> None:
    """Open the Martins' account and contract, and record the first instalment."""
    stage.say("Inès Martin opens an account for Léa and Noé. Mails to her are in French.")
    email = f"ines.martin@{FAMILIES}"
    account = await stage.desk.account(
        Person("Inès", "Martin", "adult", email), Person("Léa", "Martin"), Person("Noé", "Martin")
    )
    martins = stage.families["Martin"] = Family("Martin", account, email)
    add = [
        stage.products["Ballet"].bought(account.members["Léa"]),
        stage.products["Modern jazz"].bought(account.members["Noé"]),
    ]
    dates = monthly(stage.today, 3)

    stage.say("Ballet for Léa and modern jazz for Noé, in three instalments.")
    opened = await stage.desk.open(account.id, IN_THREE, add)
    martins.contract = opened.body["id"]
    stage.amount("The total", expected=54_000, found=opened.body["total"]["amount"])
    await stage.wire.expect("ScheduleCreated", martins.contract, covers=opened.version)
    schedule = (await stage.desk.schedule(martins.contract)).body
    stage.instalments("The schedule", schedule, *((due, 18_000) for due in dates))
    stage.console.print(lines_table("the contract", [], opened.body["lines"], martins.names))
    stage.console.print(schedule_table("its schedule", None, schedule))
    await stage.letterbox.expect(email, "contrat")

    stage.say("She pays the first instalment by card.")
    paid = await stage.desk.pay(martins.contract, 18_000, "card", schedule["instalments"][0]["id"])
    stage.amount("What is paid", expected=18_000, found=paid.body["schedule"]["balance"]["paid"]["amount"])
    await stage.wire.expect("PaymentCollected", martins.contract)
    await stage.letterbox.expect(email, "180,00")
