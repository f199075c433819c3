"""A contract that sells a client credit: it is granted once that contract is paid (CRE-1, CRE-2, CRE-7)."""

from carnet_play.story.showing import euros
from carnet_play.story.stage import Stage


async def play(stage: Stage) -> None:
    """Sell a credit to the Bakers, pay it, and read it."""
    bakers = stage.families["Baker"]
    stage.say("Mary Baker buys a credit of 50.00 € for later, on a contract of its own.")
    credit = stage.products["Credit of 50 €"]
    opened = await stage.desk.open(bakers.account.id, {"start": "at_once"}, [credit.bought()])
    contract, [line] = opened.body["id"], opened.body["lines"]
    await stage.wire.expect("ScheduleCreated", contract, covers=opened.version)
    stage.must("Credits before it is paid", expected=[], found=await stage.desk.credits(bakers.account.id))

    await stage.desk.pay(contract, 5_000)
    await stage.wire.expect("CreditGranted", line["id"], contract=contract, amount=5_000)
    await stage.letterbox.expect(bakers.email, "credit of")
    [granted] = await stage.desk.credits(bakers.account.id)
    stage.amount("What is left of it", expected=5_000, found=granted["left"]["amount"])
    stage.must("The line that sold it", expected=line["id"], found=granted["line"])
    stage.say(f"It is in her name with {euros(granted['left']['amount'])} left.")
