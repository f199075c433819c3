"""What was received at the desk is taken to the bank with a slip, and the books follow it there (PAY-7, INV-7)."""

from rich.table import Table

from carnet_play.story.desk import Json
from carnet_play.story.ledger import cents, lines_of
from carnet_play.story.showing import euros
from carnet_play.story.stage import Stage

BANK, TAKEN = "512000", {"cash": "530000", "cheque": "511200"}
"""The accounts that an organisation has which has chosen none."""


async def play(stage: Stage) -> None:
    """Take the cash and the cheque of the Diallos to the bank, and look for them in the export."""
    stage.say("The desk takes to the bank what it received: the cash, and the cheques with their slip.")
    made = [await _deposit(stage, method) for method in TAKEN]
    period = f"from={stage.first_day}&until={stage.today}"
    lines = lines_of(await stage.desk.download(f"/payments/v1/books/fec.txt?{period}"))
    table = Table("entry", "account", title="in the books", title_justify="left", title_style="bold")
    for column in ("debit", "credit"):
        table.add_column(column, justify="right")
    for each in made:
        amount = each["amount"]["amount"]
        entry = [line for line in lines if line["PieceRef"] == each["reference"]]
        moved = [(line["CompteNum"], cents(line["Debit"]), cents(line["Credit"])) for line in entry]
        expected = [(BANK, amount, 0), (TAKEN[each["method"]], 0, amount)]
        stage.must(f"The entry of {each['reference']}", expected=expected, found=moved)
        for line, (account, debit, credit) in zip(entry, moved, strict=True):
            table.add_row(line["EcritureLib"], account, euros(debit), euros(credit))
    stage.console.print(table)
    stage.say("What was taken there has left the till and the cheques to deposit: it is on the account of the bank.")


async def _deposit(stage: Stage, method: str) -> Json:
    """Take all that waits of a method to the bank, and print its slip."""
    waiting = (await stage.desk.read(f"/payments/v1/takings?method={method}")).body["items"]
    body = {"takings": [each["id"] for each in waiting], "bank_account": "Crédit du Nord"}
    made = (await stage.desk.send("/payments/v1/bank-deposits", body)).body
    total = sum(each["amount"]["amount"] for each in waiting)
    stage.amount(f"What is handed over ({method})", expected=total, found=made["amount"]["amount"])
    slip = await stage.desk.download(f"/payments/v1/bank-deposits/{made['id']}/slip.pdf")
    stage.must(f"The slip of {made['reference']}", expected=b"%PDF-", found=slip[:5])
    left = (await stage.desk.read(f"/payments/v1/takings/sum?method={method}")).body
    stage.amount(f"What is left to take to the bank ({method})", expected=0, found=left["amount"]["amount"])
    return made
