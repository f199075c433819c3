"""The provider charges and its answer never comes: the client is charged once all the same (PAY-6)."""

from carnet_play.story.desk import Person
from carnet_play.story.showing import book_table
from carnet_play.story.stage import FAMILIES, Family, Stage
from carnet_play.story.waiting import eventually

_TOKEN = "tok_timeout_charged/okafor"  # noqa: S105 # what the sandbox plays


async def play(stage: Stage) -> None:
    """Enrol the Okafors with a card whose charges are made and never answered; compare the sandbox's book with it."""
    stage.say("The Okafors join too. Their card's token has the sandbox charge, and never answer.")
    email = f"ada.okafor@{FAMILIES}"
    account = await stage.desk.account(Person("Ada", "Okafor", "adult", email), Person("Chi", "Okafor"), language="en")
    okafors = stage.families["Okafor"] = Family("Okafor", account, email)
    await stage.desk.add_card(account.id, _TOKEN, "Visa •••• 1881")
    ballet = stage.products["Ballet"].bought(account.members["Chi"])
    opened = await stage.desk.open(account.id, {"start": "at_once"}, [ballet])
    okafors.contract = opened.body["id"]

    started = await stage.wire.expect("CollectionStarted", okafors.contract, amount=30_000)
    stage.amount("What is at the provider", expected=30_000, found=started.body["balance"]["processing"])
    attempt: str = started.body["attempt"]

    async def charged() -> bool:
        return bool(await stage.book.of(_TOKEN))

    await eventually(charged, "the sandbox charges")
    stage.console.print(book_table("the sandbox's own book", await stage.book.of(_TOKEN)))
    stage.say(
        "She is charged, and Carnet does not know yet: 300.00 € are in attempt. It gives the call up and asks the "
        "sandbox what became of that key."
    )
    await stage.collected(okafors, 30_000, due=stage.today)
    await stage.wire.expect("ContractPaid", okafors.contract, total=30_000)
    await stage.letterbox.expect(email, "we collected")
    await stage.letterbox.expect(email, "fully paid")

    [asked] = await stage.attempts(okafors)
    book = await stage.book.of(_TOKEN)
    stage.console.print(book_table("all that the sandbox did with her card", book))
    charges = [(each["key"], each["amount"], each["status"], each["reference"]) for each in book]
    stage.must("Her charges", expected=[(attempt, 30_000, "succeeded", asked["reference"])], found=charges)
    stage.must("The attempt", expected=(attempt, 1, "succeeded"), found=(asked["id"], asked["number"], asked["status"]))
