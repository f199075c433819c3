"""A gift voucher is given to a friend, who redeems it once: nothing is to pay then (CRE-8, CRE-9)."""

from carnet_play.story.desk import Account, Json, Person, RefusedError
from carnet_play.story.faults import StoryError
from carnet_play.story.stage import FAMILIES, Family, Stage

CONTRACTS = "/contracts/v1/contracts"


async def play(stage: Stage) -> None:
    """Sell Carmen a voucher for her friend Julie, who takes the workshop with it, and tries its code once more."""
    stage.say("The school puts a gift voucher on sale: the right to the tap workshop, whatever its price.")
    workshop = stage.products["Tap workshop"]
    details = {"kind": "gift_voucher", "products": [workshop.id]}
    name = "A tap workshop to give"
    voucher = stage.products[name] = await stage.desk.sell(name, details, 6_000, format_="for one person")
    await stage.wire.expect("ProductChanged", voucher.id, status="on_sale")

    carmens, julies = f"carmen.lopez@{FAMILIES}", f"julie.moreau@{FAMILIES}"
    stage.say("Carmen Lopez buys it for her friend Julie, whose address she gives.")
    carmen = await stage.desk.account(
        Person("Carmen", "Lopez", "adult", carmens), Person("Julie", "Moreau", "contact", julies), language="en"
    )
    lopez = stage.families["Lopez"] = Family("Lopez", carmen, carmens)
    gift = voucher.bought() | {"recipient": carmen.members["Julie"]}
    opened = await stage.desk.open(carmen.id, {"start": "at_once"}, [gift])
    lopez.contract, [line] = opened.body["id"], opened.body["lines"]
    await stage.wire.expect("ScheduleCreated", lopez.contract, covers=opened.version)
    stage.must("What exists before it is paid", expected=[], found=await _holdings(stage, carmen))

    await stage.desk.pay(lopez.contract, 6_000)
    issued = await stage.wire.expect("VoucherIssued", line["id"], contract=lopez.contract)
    code = str(issued.body["code"])
    mail = await stage.letterbox.expect(julies, "Carmen Lopez gives you")
    stage.must("Whether Julie's mail has the code", expected=True, found=code in (mail.text or ""))

    await _redeemed(stage, code, line["id"])
    [held] = await _holdings(stage, carmen)
    stage.must("What became of it", expected="redeemed", found=held["voucher"]["standing"])
    stage.say("Under Carmen's name the voucher is redeemed. Her 60.00 € stay paid.")


async def _redeemed(stage: Stage, code: str, voucher: str) -> None:
    julies = f"julie.moreau@{FAMILIES}"
    stage.say("Julie comes with the code. The preview shows that it covers the workshop whole.")
    julie = await stage.desk.account(Person("Julie", "Moreau", "adult", julies), language="en")
    moreau = stage.families["Moreau"] = Family("Moreau", julie, julies)
    sale = _workshop(stage, julie, code)
    preview = (await stage.desk.send(f"{CONTRACTS}/preview", sale)).body
    stage.must("What it would cover", expected=[True], found=[each["covers"] for each in preview["vouchers"]])
    stage.amount("The total", expected=0, found=preview["total"]["after"]["amount"])

    made = await stage.desk.answered(CONTRACTS, sale)
    moreau.contract = made.body["id"]
    await stage.wire.expect("VoucherRedeemed", voucher, contract=moreau.contract)
    await stage.wire.expect("ContractPaid", moreau.contract, total=0)
    schedule = (await stage.desk.covered(moreau.contract, made.version or 0)).body
    stage.instalments("What is to pay", schedule)
    await stage.letterbox.expect(julies, "Your contract")

    stage.say("She tries the same code for a second one.")
    try:
        await stage.desk.answered(CONTRACTS, sale)
    except RefusedError as refused:
        stage.refusal(refused)
        stage.must("Why", expected="voucher-redeemed-before", found=refused.slug)
    else:
        raise StoryError("A voucher was redeemed twice.")


def _workshop(stage: Stage, friend: Account, code: str) -> Json:
    workshop = stage.products["Tap workshop"].bought(friend.owner) | {"voucher": code}
    return {"account": friend.id, "mode": "online", "sale": {"start": "at_once"}, "add": [workshop]}


async def _holdings(stage: Stage, account: Account) -> list[Json]:
    found: list[Json] = (await stage.desk.read(f"/credits/v1/accounts/{account.id}/holdings")).body["items"]
    return found
