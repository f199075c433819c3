"""A payment that the bank refuses keeps its due date and is tried again by the calendar (PAY-6)."""

from datetime import timedelta

from carnet_play.story.chapters.school import RETRY_AFTER
from carnet_play.story.desk import Person
from carnet_play.story.showing import schedule_table
from carnet_play.story.stage import EVENING, FAMILIES, Family, Stage


async def play(stage: Stage) -> None:
    """Enrol the Webers with a card that has nothing on it, and come back three days later."""
    due = stage.today
    again = due + timedelta(days=RETRY_AFTER[0])
    stage.say("That evening the Webers join. Their card is empty today: its token has the sandbox refuse one charge.")
    email = f"jonas.weber@{FAMILIES}"
    account = await stage.desk.account(Person("Jonas", "Weber", "adult", email), Person("Mia", "Weber"), language="en")
    webers = stage.families["Weber"] = Family("Weber", account, email)
    await stage.desk.add_card(account.id, "tok_insufficient_funds:1/weber", "Mastercard •••• 4444")
    jazz = stage.products["Modern jazz"].bought(account.members["Mia"])
    opened = await stage.desk.open(account.id, {"start": "at_once"}, [jazz])
    webers.contract = opened.body["id"]

    failed = await stage.wire.expect("PaymentFailed", webers.contract, due=due.isoformat())
    stage.must("Why", expected="insufficient_funds", found=failed.body["reason"])
    stage.must("The next try", expected=again.isoformat(), found=failed.body["next_try"])
    stage.amount("What is at the provider", expected=0, found=failed.body["balance"]["processing"])
    stage.amount("What is to come", expected=24_000, found=failed.body["balance"]["planned"])
    schedule = (await stage.desk.schedule(webers.contract)).body
    stage.instalments("The schedule, its due date kept", schedule, (due, 24_000))
    stage.console.print(schedule_table("the schedule", None, schedule))
    mail = await stage.letterbox.expect(email, "did not go through")
    for said in ("not enough money", f"We will try again on {again.day} {again:%B %Y}"):
        stage.must(f"Whether the mail says “{said}”", expected=True, found=said in (mail.text or ""))

    stage.say(f"{RETRY_AFTER[0]} days later the run tries again: the card has been filled meanwhile.")
    await stage.clock(again, EVENING)
    await stage.collected(webers, 24_000, due=due, number=2)
    await stage.wire.expect("ContractPaid", webers.contract, total=24_000)
    await stage.letterbox.expect(email, "we collected")
    await stage.letterbox.expect(email, "fully paid")
    attempts = await stage.attempts(webers)
    outcomes = [(each["number"], each["status"], each["reason"]) for each in attempts]
    expected = [(1, "failed", "insufficient_funds"), (2, "succeeded", None)]
    stage.must("The attempts", expected=expected, found=outcomes)
