"""A family gets the invoice of what it has paid, and a credit note on it (INV-1 to INV-5)."""

from carnet_play.story.desk import Json, RefusedError
from carnet_play.story.faults import StoryError
from carnet_play.story.stage import Family, Stage

SETTINGS: Json = {
    "seller": {
        "name": "Pas de Deux",
        "legal_form": "SARL au capital de 10 000 €",
        "address": {"lines": ["3 rue du Parc"], "postcode": "75010", "city": "Paris"},
        "siren": "732829320",
        "vat_number": "FR44732829320",
    },
}


async def play(stage: Stage) -> None:
    """Invoice the Webers' jazz, try to cancel what is invoiced, and cancel the invoice instead."""
    webers = stage.families["Weber"]
    stage.say("Once, the school fills in who it is: what every invoice has to say of the seller.")
    path = "/payments/v1/invoice-settings"
    version = (await stage.desk.read(path)).version or 0
    await stage.desk.send(path, SETTINGS, method="PUT", version=version)

    stage.say("The Webers have paid their 240.00 €, and ask for the invoice.")
    asked = await stage.desk.answered(f"/payments/v1/schedules/{webers.contract}/invoices", {})
    [invoice] = asked.body["invoices"]
    shown = (await stage.desk.read(f"/payments/v1/invoices/{invoice}")).body
    year = stage.today.year
    stage.must("Its number", expected=f"FA-{year}-000001", found=shown["number"])
    await _adds_up(stage, shown, 20_000, 4_000)
    stage.must("Whether it is paid", expected="paid", found=shown["status"])
    await _mailed(stage, webers, shown, "Your invoice")
    await _refused(stage, webers)

    stage.say("It should be to Mia's grandmother. The invoice stays as it is: a credit note cancels it.")
    reason = {"reason": "The invoice is to be in another name."}
    noted = (await stage.desk.send(f"/payments/v1/invoices/{invoice}/credit-notes", reason)).body
    stage.must("Its number", expected=f"AV-{year}-000001", found=noted["number"])
    await _adds_up(stage, noted, 20_000, 4_000)
    await _mailed(stage, webers, noted, "Your credit note")
    left = (await stage.desk.read(f"/payments/v1/invoices/{invoice}")).body
    stage.amount("What the invoice still bears", expected=0, found=left["left"]["amount"])

    named = {"buyer": {"name": "Greta Weber", "address": {"lines": ["Am Markt 1"], "postcode": "20095",
             "city": "Hamburg", "country": "DE"}}}  # fmt: skip
    asked = await stage.desk.answered(f"/payments/v1/schedules/{webers.contract}/invoices", named)
    [again] = asked.body["invoices"]
    second = (await stage.desk.read(f"/payments/v1/invoices/{again}")).body
    found = (second["number"], second["client"], second["total"]["amount"])
    stage.must("The next invoice", expected=(f"FA-{year}-000002", "Greta Weber", 24_000), found=found)
    await _mailed(stage, webers, second, "Your invoice")


async def _adds_up(stage: Stage, shown: Json, net: int, tax: int) -> None:
    document = shown["document"]
    stage.amount("Without VAT", expected=net, found=document["net"]["amount"])
    stage.amount("The VAT, 20 %", expected=tax, found=document["tax"]["amount"])
    stage.amount("VAT included", expected=net + tax, found=shown["total"]["amount"])


async def _mailed(stage: Stage, family: Family, shown: Json, about: str) -> None:
    """The PDF is kept, and goes to the family by mail."""
    event = "InvoiceReady"
    await stage.wire.expect(event, shown["id"], number=shown["number"])
    await stage.letterbox.expect(family.email, f"{about} {shown['number']}")
    paper = await stage.desk.download(f"/payments/v1/invoices/{shown['id']}/pdf")
    stage.must("Whether its PDF bears the electronic invoice", expected=True, found=b"factur-x.xml" in paper)


async def _refused(stage: Stage, family: Family) -> None:
    """What an invoice bears is not cancelled before the invoice is (INV-4)."""
    contract = (await stage.desk.contract(family.contract)).body
    [line] = contract["lines"]
    stage.say("Jazz can't be cancelled now, since an invoice bears it:")
    try:
        await stage.desk.preview(family.contract, {"cancel": [line["id"]]})
    except RefusedError as refused:
        stage.must("The refusal", expected=(409, "line-invoiced"), found=(refused.status, refused.slug))
        stage.refusal(refused)
        return
    raise StoryError("Cancelling what an invoice bears was to be refused, and was accepted.")
