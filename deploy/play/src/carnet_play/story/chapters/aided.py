"""A scholarship covers half of a workshop: it is not to pay, and never becomes money (CRE-11)."""

from carnet_play.story.desk import money
from carnet_play.story.showing import euros
from carnet_play.story.stage import Stage

FUNDS = "/credits/v1/scholarship-funds"


async def play(stage: Stage) -> None:
    """Award a scholarship from the town's fund to Tom, and have it cover half of the tap workshop."""
    bakers = stage.families["Baker"]
    tom = bakers.account.members["Tom"]
    stage.say("The town gives the school 500.00 € for children who dance. Tom is awarded 100.00 € of it.")
    fund = {"name": "Town fund", "budget": money(50_000), "kinds": ["workshop"], "first_day": str(stage.today)}
    opened = await stage.desk.send(FUNDS, fund)
    path = f"{FUNDS}/{opened.body['id']}"
    award = {"account": bakers.account.id, "member": tom, "amount": money(10_000)}
    scholarship = (await stage.desk.send(f"{path}/scholarships", award)).body["id"]
    await stage.wire.expect("ScholarshipAwarded", scholarship, amount=10_000, left=10_000)

    stage.say("He takes the tap workshop once more. The scholarship covers half of it: look at the preview first.")
    workshop = stage.products["Tap workshop"].bought(tom) | {"scholarship": {"id": scholarship, "rate": 5_000}}
    sale = {"account": bakers.account.id, "mode": "online", "sale": {"start": "at_once"}, "add": [workshop]}
    preview = (await stage.desk.send("/contracts/v1/contracts/preview", sale)).body
    [shown] = preview["scholarships"]
    stage.must("Whether it covers that", expected=True, found=shown["covers"])
    stage.amount("What it would cover", expected=3_000, found=shown["amount"]["amount"])
    stage.amount("The total", expected=3_000, found=preview["total"]["after"]["amount"])

    made = await stage.desk.answered("/contracts/v1/contracts", sale)
    contract = made.body["id"]
    await stage.wire.expect("ScholarshipUsed", scholarship, contract=contract, amount=3_000, left=7_000)
    schedule = (await stage.desk.covered(contract, made.version or 0)).body
    stage.instalments("What is to pay", schedule, (stage.today, 3_000))
    await stage.letterbox.expect(bakers.email, "Your contract")

    uses = (await stage.desk.read(f"{path}/uses")).body["items"]
    paid = [(each["member"], each["name"], each["amount"]["amount"]) for each in uses]
    stage.must("The report for the town", expected=[(tom, "Tap workshop", 3_000)], found=paid)
    left = (await stage.desk.read(f"/credits/v1/scholarships/{scholarship}")).body["left"]["amount"]
    stage.say(f"The family pays 30.00 €, the town sees what it paid for whom, and {euros(left)} are left for Tom.")
