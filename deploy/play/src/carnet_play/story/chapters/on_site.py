"""On site the amount due adjusts, without instalments (PAY-3)."""

from carnet_play.story.desk import Person
from carnet_play.story.showing import schedule_table
from carnet_play.story.stage import FAMILIES, Family, Stage


async def play(stage: Stage) -> None:
    """Open the Diallos' contract, take cash, add a workshop, take the rest."""
    stage.say("Awa Diallo takes modern jazz herself and pays at the desk: 100.00 € in cash today.")
    email = f"awa.diallo@{FAMILIES}"
    account = await stage.desk.account(Person("Awa", "Diallo", "adult", email))
    diallos = stage.families["Diallo"] = Family("Diallo", account, email)
    awa = account.members["Awa"]
    opened = await stage.desk.open(
        account.id, {"start": "on_site"}, [stage.products["Modern jazz"].bought(awa)], mode="on_site"
    )
    diallos.contract = opened.body["id"]
    await stage.wire.expect("ScheduleCreated", diallos.contract, covers=opened.version)
    schedule = (await stage.desk.pay(diallos.contract, 10_000, "cash")).body["schedule"]
    stage.amount("What is due", expected=14_000, found=schedule["balance"]["unscheduled"]["amount"])
    stage.console.print(schedule_table("the schedule", None, schedule))
    await stage.letterbox.expect(email, "100,00")

    stage.say("She adds the tap workshop: the amount due adjusts.")
    schedule = await stage.change(diallos, {"add": [stage.products["Tap workshop"].bought(awa)]})
    stage.amount("What is due", expected=20_000, found=schedule["balance"]["unscheduled"]["amount"])
    stage.must("The instalments", expected=[], found=schedule["instalments"])

    stage.say("The rest by cheque: the contract is paid.")
    await stage.desk.pay(diallos.contract, 20_000, "cheque")
    await stage.wire.expect("ContractPaid", diallos.contract, total=30_000)
    await stage.letterbox.expect(email, "entièrement payé")
