"""Families are debited by a file for the school's bank; one debit comes back days later (PAY-18, PAY-13)."""

from carnet_play.story.bank import CLOSED_LATER, FINE, RETURNED_LATER, BankFile
from carnet_play.story.desk import Json, Person
from carnet_play.story.showing import euros, files_table
from carnet_play.story.stage import FAMILIES, MORNING, Family, Stage

SETTINGS: Json = {"name": "Pas de Deux", "creditor": "FR72ZZZ123456", "iban": "FR1420041010050500013M02606"}
REMITTANCES = "/payments/v1/remittances"


async def play(stage: Stage) -> None:
    """Sign three mandates, collect all by one remittance, and read what became of them from the bank's files."""
    stage.say("The school collects by its own bank, too: it has a creditor identifier and an account.")
    path = "/payments/v1/sepa-settings"
    version = (await stage.desk.read(path)).version or 0
    await stage.desk.send(path, SETTINGS, method="PUT", version=version)
    moreaus = await _signed(stage, "Moreau", FINE)
    nguyens = await _signed(stage, "Nguyen", RETURNED_LATER)
    rossis = await _signed(stage, "Rossi", CLOSED_LATER)

    files = await _remitted(stage)
    for family in (moreaus, nguyens, rossis):
        await stage.letterbox.expect(family.email, "Direct debit of")
    stage.console.print(files_table(files))
    report, statement, again, later = files

    stage.say(
        "The bank accepts all three, and credits them on the day of collection. The same file twice changes nothing."
    )
    await stage.clock(statement.on, MORNING)
    await stage.bank_says(report, {"accepted": 1})
    await stage.bank_says(statement, {"paid": 3, "foreign": 3})
    for family in (moreaus, nguyens, rossis):
        await stage.wire.expect("PaymentCollected", family.contract, amount=24_000, method="direct_debit")
        await stage.wire.expect("ContractPaid", family.contract, total=24_000)
        await stage.letterbox.expect(family.email, "we collected")
        await stage.letterbox.expect(family.email, "fully paid")
    await stage.bank_says(again, {"known": 3, "foreign": 3})

    stage.say("Three days later the bank takes one of them back: there was not enough money on the account.")
    await stage.clock(later.on, MORNING)
    await stage.bank_says(later, {"reversed": 1, "foreign": 3})
    await stage.wire.expect("PaymentReversed", nguyens.contract, amount=24_000, reason="returned_debit")
    await stage.letterbox.expect(nguyens.email, "was returned")
    schedule = (await stage.desk.schedule(nguyens.contract)).body
    stage.amount("What the Nguyens have paid", expected=0, found=schedule["balance"]["paid"]["amount"])
    stage.instalments("What is due again", schedule, (stage.today, 24_000))
    kept = (await stage.desk.schedule(moreaus.contract)).body["balance"]["paid"]["amount"]
    stage.amount("What the Moreaus have paid", expected=24_000, found=kept)


async def _signed(stage: Stage, name: str, iban: str) -> Family:
    """A family that enrols, and signs a mandate in its browser, by its own token."""
    stage.say(f"The {name}s enrol on modern jazz. Kim {name} reads the mandate in the browser and signs it.")
    email = f"kim.{name.lower()}@{FAMILIES}"
    account = await stage.desk.account(Person("Kim", name, "adult", email), Person("Lou", name), language="en")
    family = stage.families[name] = Family(name, account, email)
    jazz = stage.products["Modern jazz"].bought(account.members["Lou"])
    opened = await stage.desk.open(account.id, {"start": "at_once"}, [jazz])
    family.contract = opened.body["id"]
    await stage.wire.expect("ScheduleCreated", family.contract, covers=opened.version)
    client, path = stage.of_client(family), f"/payments/v1/accounts/{account.id}/mandates"
    who = {"holder": f"Kim {name}", "iban": iban}
    text = (await client.send(f"{path}/text", {**who, "language": "en"})).body["text"]
    signature = {"text": text, "language": "en", "signer": f"Kim {name}", "place": "Paris"}
    mandate = (await client.send(path, {**who, "online": signature})).body
    stage.must("What is shown of the account", expected=iban.replace(" ", "")[-4:], found=mandate["iban_ending"])
    stage.must("What proves the signature", expected=text, found=mandate["proof"]["text"])
    await stage.wire.expect("MandateSigned", mandate["id"], account=account.id, how="online")
    return family


async def _remitted(stage: Stage) -> list[BankFile]:
    """Build a remittance of what is due, hand its file to the bank, and mark it as sent; what the bank answers."""
    seen = (await stage.desk.send(f"{REMITTANCES}/preview", {})).body
    stage.say(f"What is due goes into one file: {len(seen['debits'])} debits, {euros(seen['amount']['amount'])}.")
    built = await stage.desk.send(REMITTANCES, {})
    remittance = built.body["remittance"]
    found = (remittance["debits"], remittance["amount"]["amount"])
    stage.must("What is in the file, and its sum", expected=(3, 72_000), found=found)
    await stage.wire.expect("RemittanceBuilt", remittance["id"], debits=3, amount=72_000)
    path = f"{REMITTANCES}/{remittance['id']}"
    content = await stage.desk.download(f"{path}/file")
    stage.must("The same file again", expected=content, found=await stage.desk.download(f"{path}/file"))
    answers = await stage.bank.answers(content)
    await stage.desk.send(f"{path}/sent", {}, version=built.version)
    await stage.wire.expect("RemittanceSent", remittance["id"])
    return answers
