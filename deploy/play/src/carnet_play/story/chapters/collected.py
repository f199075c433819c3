"""Instalments are collected automatically as the months go by; without a payment method they wait (PAY-6, PAY-12)."""

from datetime import date

from carnet.dates import monthly
from carnet_play.story.stage import EVENING, Family, Stage


async def play(stage: Stage) -> None:
    """Let October come without a card and November with one, until the Martins have paid everything."""
    martins = stage.families["Martin"]
    _, october, november = monthly(stage.today, 3)
    stage.say(
        "The first of October, six in the evening: 107.50 € of the Martins are due, and there is no card of theirs."
    )
    await stage.clock(october, EVENING)
    missing = await stage.wire.expect("PaymentMethodMissing", martins.contract, due=october.isoformat())
    stage.amount("What is missed", expected=10_750, found=missing.body["amount"])
    stage.amount("What is at the provider", expected=0, found=missing.body["balance"]["processing"])
    await stage.letterbox.expect(martins.email, "manque un moyen de paiement")

    stage.say("Inès gets a mail. She adds a card herself, by her own token; what has waited is collected at once.")
    await stage.of_client(martins).add_card(martins.account.id, "tok_success/martin", "Visa •••• 4242")
    await stage.collected(martins, 10_750, due=october)
    await stage.letterbox.expect(martins.email, "encaissé")
    schedule = (await stage.desk.schedule(martins.contract)).body
    stage.instalments("The schedule", schedule, (november, 10_750))

    stage.say("The first of November: the last one is collected automatically, and the contract is paid.")
    await stage.clock(november, EVENING)
    await stage.collected(martins, 10_750, due=november)
    await stage.wire.expect("ContractPaid", martins.contract, total=39_500)
    await stage.letterbox.expect(martins.email, "encaissé")
    await stage.letterbox.expect(martins.email, "entièrement payé")
    await _as_staff_reads(stage, martins, (october, november))


async def _as_staff_reads(stage: Stage, family: Family, due: tuple[date, ...]) -> None:
    attempts = await stage.attempts(family)
    outcomes = [(each["due"], each["number"], each["status"]) for each in attempts]
    stage.must("The attempts", expected=[(day.isoformat(), 1, "succeeded") for day in due], found=outcomes)
    schedule = (await stage.desk.schedule(family.contract)).body
    stage.amount("What is paid", expected=39_500, found=schedule["balance"]["paid"]["amount"])
    stage.must("Fully paid", expected=True, found=schedule["fully_paid"])
