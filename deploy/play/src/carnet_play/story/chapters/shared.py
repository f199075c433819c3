"""A session pack of a family is used at the door: by any of its members, and never once too often (CRE-10)."""

import asyncio

from carnet_play.story.desk import Json, RefusedError
from carnet_play.story.faults import StoryError
from carnet_play.story.stage import Stage

DETAILS = {"kind": "session_pack", "sessions": 3, "months": 3, "starts": "first_use"}


async def play(stage: Stage) -> None:
    """Sell the Martins a pack of three, take its sessions, the last one at two doors at the same instant."""
    martins = stage.families["Martin"]
    stage.say("Three dance evenings for the whole family, valid for three months from the first one.")
    product = stage.products["Three evenings"] = await stage.desk.sell(
        "Three evenings", DETAILS, 4_500, format_="for the family"
    )
    await stage.wire.expect("ProductChanged", product.id, status="on_sale")
    opened = await stage.desk.open(martins.account.id, {"start": "at_once"}, [product.bought()])
    contract, [line] = opened.body["id"], opened.body["lines"]
    pack = line["id"]
    await stage.wire.expect("ScheduleCreated", contract, covers=opened.version)
    await stage.desk.pay(contract, 4_500)
    await stage.wire.expect("PackIssued", pack, contract=contract, left=3, expires_on=None)

    stage.say("Léa comes to the first evening: from then on it is valid for three months.")
    first = await _take(stage, "Léa")
    stage.must("What is left", expected=2, found=first["pack"]["left"])
    stage.must("Its first day", expected=stage.today.isoformat(), found=first["pack"]["started_on"])
    await stage.wire.expect("SessionUsed", pack, left=2, expires_on=first["pack"]["expires_on"])

    stage.say("Noé comes too. One is left, which Inès learns.")
    second = await _take(stage, "Noé")
    stage.must("What is left", expected=1, found=second["pack"]["left"])
    await stage.wire.until(lambda event: event.name == "PackReminded" and event.body["pack"] == pack, "the reminder")
    await stage.letterbox.expect(martins.email, "Plus qu’une séance")

    stage.say("Inès and Léa come in by two doors at the same instant. Only one session is left.")
    both = await asyncio.gather(_take(stage, "Inès"), _take(stage, "Léa"), return_exceptions=True)
    taken = [each for each in both if isinstance(each, dict)]
    refused = [each for each in both if isinstance(each, RefusedError)]
    stage.must("Those who come in, and those who don't", expected=(1, 1), found=(len(taken), len(refused)))
    stage.refusal(refused[0])
    stage.must("Why", expected="no-pack-serves", found=refused[0].slug)
    stage.must("What is left", expected=0, found=taken[0]["pack"]["left"])

    stage.say("Noé's entry was a mistake: his session goes back to the pack, and the other one comes in.")
    await stage.desk.send(f"/credits/v1/session-uses/{second['use']['id']}/cancellation", {})
    await stage.wire.expect("SessionRestored", pack, use=second["use"]["id"], left=1)
    outside = "Léa" if taken[0]["use"]["member"] == martins.account.members["Inès"] else "Inès"
    await _take(stage, outside)
    await _moved(stage, pack)


async def _take(stage: Stage, who: str) -> Json:
    account = stage.families["Martin"].account
    body = {"member": account.members[who]}
    return (await stage.desk.send(f"/credits/v1/accounts/{account.id}/session-uses", body)).body


async def _moved(stage: Stage, pack: str) -> None:
    entries = (await stage.desk.read(f"/credits/v1/session-packs/{pack}/entries")).body["items"]
    sessions = [each["sessions"] for each in entries]
    stage.must("The movements", expected=[3, -1, -1, -1, 1, -1], found=sessions)
    left = (await stage.desk.read(f"/credits/v1/session-packs/{pack}")).body["left"]
    if left != sum(sessions):
        raise StoryError(f"{sum(sessions)} sessions are left by the movements of the pack, and {left} by itself.")
    stage.say("Three were sold, four taken, one came back: the movements add up to what is left, none.")
