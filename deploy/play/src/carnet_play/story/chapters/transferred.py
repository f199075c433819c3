"""What was debited goes back by a file of transfers for the bank; one of them comes back days later (PAY-18, PAY-4)."""

from carnet_play.story.bank import BankFile
from carnet_play.story.showing import euros, files_table
from carnet_play.story.stage import MORNING, SUPPORT, Family, Stage

FILES = "/payments/v1/refund-files"
AMOUNT = 24_000


async def play(stage: Stage) -> None:
    """Cancel two courses that were debited, refund both by one file, and read what became of them."""
    moreaus, rossis = stage.families["Moreau"], stage.families["Rossi"]
    stage.say("Modern jazz is not for them: the Moreaus and the Rossis cancel, and support refunds what was debited.")
    for family in (moreaus, rossis):
        await _cancelled(stage, family)

    report, left, again, back = await _transferred(stage)
    stage.say("The bank takes the file, and both transfers leave the account. The same file twice changes nothing.")
    if left.on > stage.today:
        await stage.clock(left.on, MORNING)
    await stage.bank_says(report, {"accepted": 1})
    await stage.bank_says(left, {"refund_made": 2, "foreign": 3})
    await stage.bank_says(again, {"known": 2, "foreign": 3})

    stage.say("Three days later one comes back: the Rossis have closed their account. They are owed the money again.")
    await stage.clock(back.on, MORNING)
    await stage.bank_says(back, {"refund_failed": 1, "foreign": 3})
    await stage.wire.expect("RefundFailed", rossis.contract, amount=AMOUNT, reason="account_closed")
    await stage.letterbox.expect(SUPPORT, "remboursement")
    await stage.letterbox.expect(rossis.email, "could not be made")
    await _owed(stage, moreaus, 0)
    await _owed(stage, rossis, AMOUNT)

    stage.say("The school gives them a cheque.")
    await stage.of_support().settle(rossis.contract, AMOUNT, "on_site", method="cheque")
    await stage.wire.expect("RefundLineSettled", rossis.contract, amount=AMOUNT, how="on_site", method="cheque")
    await stage.letterbox.expect(rossis.email, "We have refunded")
    await _owed(stage, rossis, 0)


async def _cancelled(stage: Stage, family: Family) -> None:
    """The course is cancelled, and its refund line settled: it waits for a file."""
    [line] = (await stage.desk.contract(family.contract)).body["lines"]
    schedule = await stage.change(family, {"cancel": [line["id"]]})
    stage.amount("The refund line", expected=AMOUNT, found=schedule["balance"]["refund_due"]["amount"])
    await stage.of_support().settle(family.contract, AMOUNT, "refunded")
    await stage.wire.expect("RefundLineSettled", family.contract, amount=AMOUNT, how="refunded")
    await stage.letterbox.expect(family.email, "by bank transfer")


async def _transferred(stage: Stage) -> list[BankFile]:
    """Build the file of what waits, hand it to the bank, and mark it as sent; what the bank answers."""
    built = await stage.desk.send(FILES, {})
    file = built.body["refund_file"]
    found = (file["refunds"], file["amount"]["amount"])
    stage.must("What is in the file, and its sum", expected=(2, 2 * AMOUNT), found=found)
    stage.say(f"Both are in one file of transfers, {euros(2 * AMOUNT)}, to the accounts that were debited.")
    await stage.wire.expect("RefundFileBuilt", file["id"], refunds=2, amount=2 * AMOUNT)
    path = f"{FILES}/{file['id']}"
    content = await stage.desk.download(f"{path}/file")
    stage.must("The same file again", expected=content, found=await stage.desk.download(f"{path}/file"))
    answers = await stage.bank.answers(content)
    stage.console.print(files_table(answers))
    await stage.desk.send(f"{path}/sent", {}, version=built.version)
    await stage.wire.expect("RefundFileSent", file["id"])
    return answers


async def _owed(stage: Stage, family: Family, amount: int) -> None:
    schedule = (await stage.desk.schedule(family.contract)).body
    found = schedule["balance"]["refund_due"]["amount"]
    stage.amount(f"What the {family.name}s are owed", expected=amount, found=found)
