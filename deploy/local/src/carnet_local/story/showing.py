"""How amounts, lines, schedules and events are shown to a person."""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from rich.table import Table

Json = Mapping[str, Any]


def euros(amount: int) -> str:
    """Minor units of euros.

    >>> euros(123456), euros(-50)
    ('1,234.56 €', '-0.50 €')
    """
    whole, cents = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole:,}.{cents:02} €"


def short(id_: str) -> str:
    """The end of an id, by which a person tells ids apart."""
    return f"…{id_[-6:]}"


def lines_table(title: str, before: Sequence[Json], after: Sequence[Json], names: Mapping[str, str]) -> Table:
    """The lines of a contract as they are after a change; what is new is marked, and so is what has gone.

    ``names`` gives the members' first names by id.
    """
    table = Table("line", "for", title=title, title_justify="left", title_style="bold")
    for column in ("price", "discount", "in the total"):
        table.add_column(column, justify="right")
    table.add_column("")
    was = {line["id"]: line["state"] for line in before}
    for line in after:
        discount = line["price"]["amount"] - line["net"]["amount"]
        live = line["state"] == "live"
        table.add_row(
            line["name"],
            names.get(line["participant"] or "", ""),
            "" if line["kind"] == "discount" else euros(line["price"]["amount"]),
            euros(-discount) if discount else "",
            euros(line["amount"]["amount"]) if live else "",
            _novelty(was.get(line["id"]), line["state"]),
            style=None if live else "dim strike",
        )
    total = sum(line["amount"]["amount"] for line in after if line["state"] == "live")
    table.add_section()
    table.add_row("total", "", "", "", f"[bold]{euros(total)}[/]", "")
    return table


def _novelty(before: str | None, now: str) -> str:
    if before == now:
        return ""
    return "[green]new[/]" if before is None and now == "live" else "[red]cancelled[/]"


def schedule_table(title: str, before: Json | None, after: Json) -> Table:
    """A schedule before and after, instalment by instalment, with what is unscheduled or to refund."""
    table = Table(title=title, title_justify="left", title_style="bold")
    if before is not None:
        table.add_column("before")
        table.add_column("", justify="right")
    table.add_column("after" if before is not None else "due on")
    table.add_column("", justify="right")
    sides = [_rows(after)] if before is None else [_rows(before), _rows(after)]
    for row in zip_longest(*sides, fillvalue=("", "")):
        table.add_row(*(cell for pair in row for cell in pair))
    return table


def _rows(schedule: Json) -> list[tuple[str, str]]:
    balance = schedule["balance"]
    rows = [("paid", euros(balance["paid"]["amount"]))] if balance["paid"]["amount"] else []
    rows += [(each["due"], euros(each["amount"]["amount"])) for each in schedule["instalments"]]
    for name, words in (("unscheduled", "on no date"), ("refund_due", "[red]to refund[/]")):
        if balance[name]["amount"]:
            rows.append((words, euros(balance[name]["amount"])))
    return rows or [("nothing", "")]


def gist(name: str, body: Json) -> str:
    """What an event says, in a few words: its main amount, and never anything personal."""
    says = _GISTS.get(name, _main_amount)
    return says(body)


def _main_amount(body: Json) -> str:
    amount = body.get("amount", body.get("total"))
    return euros(amount) if isinstance(amount, int) else ""


def _schedule_gist(body: Json) -> str:
    balance, instalments = body["balance"], body["instalments"]
    parts = [f"{len(instalments)} × to come, {euros(balance['planned'])}"] if instalments else []
    parts += [f"{euros(balance['unscheduled'])} on no date"] if balance["unscheduled"] else []
    parts += [f"{euros(balance['refund_due'])} to refund"] if balance["refund_due"] else []
    return ", ".join(parts) or "nothing to come"


_GISTS: Mapping[str, Callable[[Json], str]] = {
    "OrganisationChanged": lambda body: str(body["name"]),
    "ProductChanged": lambda body: f"{body['name']}, {body['status']}".replace("_", " "),
    "ProductAdded": lambda body: f"{body['purchase']['name']}, {euros(body['purchase']['price'])}",
    "DiscountPlaced": lambda body: f"{body['name']}, {euros(-body['amount'])}",
    "ProductCancelled": lambda body: f"{body['name']}, {euros(-body['amount'])}",
    "ContractChanged": lambda body: f"{euros(body['total_before'])} → {euros(body['total_after'])}",
    "ScheduleCreated": _schedule_gist,
    "ScheduleAdjusted": _schedule_gist,
    "EmailSent": lambda body: str(body["kind"]).replace("_", " "),
    "EmailFailed": lambda body: str(body["kind"]).replace("_", " "),
}
