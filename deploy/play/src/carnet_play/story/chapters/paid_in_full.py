"""Paid in full online: a fall makes a refund line that awaits support (PAY-3); adding a course is advised against."""

from carnet_play.story.desk import Person
from carnet_play.story.stage import FAMILIES, SUPPORT, Family, Stage


async def play(stage: Stage) -> None:
    """Open and pay the Bakers' contract, place a discount on it, and see what support gets."""
    stage.say("Mary Baker, whose mails are in English, takes ballet and a licence for Tom and pays at once.")
    email = f"mary.baker@{FAMILIES}"
    account = await stage.desk.account(Person("Mary", "Baker", "adult", email), Person("Tom", "Baker"), language="en")
    bakers = stage.families["Baker"] = Family("Baker", account, email)
    tom = account.members["Tom"]
    add = [stage.products["Ballet"].bought(tom), stage.products["Dance licence"].bought(tom)]
    opened = await stage.desk.open(account.id, {"start": "at_once"}, add)
    bakers.contract = opened.body["id"]
    await stage.wire.expect("ScheduleCreated", bakers.contract, covers=opened.version)
    paid = await stage.desk.pay(bakers.contract, 33_500)
    stage.must("Fully paid", expected=True, found=paid.body["schedule"]["fully_paid"])
    await stage.wire.expect("ContractPaid", bakers.contract, total=33_500)
    await stage.letterbox.expect(email, "fully paid")

    stage.say("She should have had the discount: 10 % of the ballet's 300.00 €, not of the licence.")
    schedule = await stage.change(bakers, {"discounts": [stage.products["Family discount"].placed()]})
    stage.amount("The refund line", expected=3_000, found=schedule["balance"]["refund_due"]["amount"])
    stage.must("The instalments", expected=[], found=schedule["instalments"])
    await stage.wire.expect("RefundLineCreated", bakers.contract, amount=3_000)
    stage.say("The refund line awaits correction, and support gets a mail.")
    await stage.letterbox.expect(SUPPORT, "30,00")
    await stage.letterbox.expect(email, "Family discount")

    stage.say("Tom would add modern jazz to the contract that is paid. It is possible, and advised against:")
    preview = await stage.preview(bakers, {"add": [stage.products["Modern jazz"].bought(tom)]})
    [advice] = preview["advice"]
    stage.must("The advice", expected="open-another-contract", found=advice["name"])
    after = preview["schedule"]["after"]
    stage.instalments("The supplement, less the refund", after, (stage.today, 21_000))
    stage.console.print(f"  [yellow]advice[/] {advice['detail']} [dim]({advice['rule']})[/]", highlight=False)
