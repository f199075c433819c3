"""The accountant gets the entries of the year so far: balanced, and the same sums as everywhere (INV-7)."""

from rich.table import Table

from carnet_play.story.desk import Json
from carnet_play.story.ledger import lines_of, sums_by
from carnet_play.story.showing import euros
from carnet_play.story.stage import Stage

SALES, VAT, BANK, CARDS = "706000", "445710", "512000", "511500"
"""The accounts that an organisation has which has chosen none."""


async def play(stage: Stage) -> None:
    """Export what was entered since September, and compare it with invoices and payments."""
    period = f"from={stage.first_day}&until={stage.today}"
    stage.say("The accountant asks for the entries since September, as a file for the ledger (FEC).")
    content = await stage.desk.download(f"/payments/v1/books/fec.txt?{period}")
    again = await stage.desk.download(f"/payments/v1/books/fec.txt?{period}")
    stage.must("The same file again", expected=content, found=again)
    lines = lines_of(content)
    for number, (debit, credit) in sums_by("EcritureNum", lines).items():
        stage.amount(f"Entry {number}: debit and credit", expected=debit, found=credit)

    accounts, balance = (
        sums_by("CompteNum", lines),
        (await stage.desk.read(f"/payments/v1/books/balance?{period}")).body,
    )
    table = Table("account", "", title=f"{balance['entries']} entries", title_justify="left", title_style="bold")
    for column in ("debit", "credit"):
        table.add_column(column, justify="right")
    for each in balance["items"]:
        account = each["account"]
        sums = (each["debit"]["amount"], each["credit"]["amount"])
        stage.must(f"The account {account['number']}", expected=sums, found=accounts[account["number"]])
        table.add_row(account["number"], account["name"], *(euros(amount) for amount in sums))
    stage.console.print(table)

    received = {each["method"]: each["amount"]["amount"] for each in await _received(stage, period)}
    stage.amount("What cards brought", expected=received["card"], found=accounts[CARDS][0])
    at_bank = received["direct_debit"] + received["cash"] + received["cheque"]
    stage.amount("Debited, taken there, and a refund back", expected=at_bank + 24_000, found=accounts[BANK][0])
    stage.amount("Taken back by the bank, and three refunds from there", expected=96_000, found=accounts[BANK][1])
    stage.must("Sales: the credit note, both invoices", expected=(20_000, 40_000), found=accounts[SALES])
    stage.must("VAT: the credit note, both invoices", expected=(4_000, 8_000), found=accounts[VAT])
    stage.say("Each entry is balanced; payments, invoices and the credit note are in it to the cent.")


async def _received(stage: Stage, period: str) -> list[Json]:
    sums: list[Json] = (await stage.desk.read(f"/payments/v1/receipts/sums?{period}")).body["methods"]
    return sums
