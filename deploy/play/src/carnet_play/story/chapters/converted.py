"""Support converts a refund line to a client credit, which pays a part of another contract (PAY-4, CRE-2, CRE-3)."""

from datetime import timedelta

from carnet_play.story.showing import entries_table, refund_lines_table, schedule_table
from carnet_play.story.stage import MORNING, Stage


async def play(stage: Stage) -> None:
    """Settle the Bakers' refund line, and pay half of Tom's workshop with what came of it."""
    bakers = stage.families["Baker"]
    stage.say("The next morning support looks at what awaits correction: since September, the 30.00 € of the Bakers.")
    await stage.clock(stage.today + timedelta(days=1), MORNING)
    support = stage.of_support()
    lines = await support.refund_lines()
    stage.console.print(refund_lines_table("refund lines that await correction", lines))
    awaiting = [(each["contract"], each["owner"], each["amount"]["amount"]) for each in lines]
    stage.must("What awaits correction", expected=[(bakers.contract, "Mary Baker", 3_000)], found=awaiting)

    stage.say("Mary would rather keep it with the school: support converts it to a client credit.")
    settled = (await support.settle(bakers.contract, 3_000, "converted")).body
    balance, credit = settled["schedule"]["balance"], settled["settlement"]["credit"]
    stage.amount("What is left of the refund line", expected=0, found=balance["refund_due"]["amount"])
    stage.amount("What is paid, less what has left the contract", expected=30_500, found=balance["paid"]["amount"])
    await stage.wire.expect("RefundLineSettled", bakers.contract, amount=3_000, how="converted")
    await stage.wire.expect("CreditIssued", credit, amount=3_000, origin="refund")
    await stage.letterbox.expect(bakers.email, "Your refund of")
    await stage.letterbox.expect(bakers.email, "You have a credit")
    stage.must("What awaits correction now", expected=[], found=await support.refund_lines())

    await _third_contract(stage, credit)


async def _third_contract(stage: Stage, credit: str) -> None:
    bakers = stage.families["Baker"]
    stage.say("Tom takes the tap workshop, on a contract of its own. The credit pays the half of it.")
    workshop = stage.products["Tap workshop"].bought(bakers.account.members["Tom"])
    opened = await stage.desk.open(bakers.account.id, {"start": "at_once"}, [workshop])
    bakers.contract = opened.body["id"]
    await stage.wire.expect("ScheduleCreated", bakers.contract, covers=opened.version)
    used = (await stage.desk.use_credit(bakers.contract, credit, 3_000)).body
    stage.must("What became of the use", expected="completed", found=used["use"]["status"])
    stage.instalments("What is left to pay", used["schedule"], (stage.today, 3_000))
    stage.amount("What is paid", expected=3_000, found=used["schedule"]["balance"]["paid"]["amount"])
    stage.console.print(schedule_table("the schedule", None, used["schedule"]))
    await stage.wire.expect("CreditUsed", credit, contract=bakers.contract, amount=3_000, left=0)
    await stage.wire.expect("CreditUseCompleted", bakers.contract, credit=credit, amount=3_000)
    await stage.letterbox.expect(bakers.email, "Your client credit paid")

    entries = (await stage.desk.credit(credit))["entries"]
    stage.console.print(entries_table("the credit, movement by movement", entries))
    moved = [(each["kind"], each["amount"]["amount"]) for each in entries]
    stage.must("The movements", expected=[("granted", 3_000), ("used", -3_000)], found=moved)
