"""How amounts, lines, schedules and events are shown to a person."""

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from rich.table import Table

from carnet_play.story.bank import BankFile

Json = Mapping[str, Any]


def euros(amount: int) -> str:
    """Minor units of euros.

    >>> euros(123456), euros(-50)
    ('1,234.56 €', '-0.50 €')
    """
    whole, cents = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole:,}.{cents:02} €"


def short(id_: str) -> str:
    """The end of an id, by which a person distinguishes ids."""
    return f"…{id_[-6:]}"


def lines_table(title: str, before: Sequence[Json], after: Sequence[Json], names: Mapping[str, str]) -> Table:
    """The lines of a contract as they are after a change; new and cancelled ones are marked.

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


def files_table(files: Sequence[BankFile]) -> Table:
    """The files by which the bank answers, with their days."""
    table = Table("the bank has it on", "what it says", title="the bank's files", title_justify="left",
                  title_style="bold")  # fmt: skip
    for file in files:
        table.add_row(str(file.on), file.says)
    return table


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
    rows += [(_due(each), euros(each["amount"]["amount"])) for each in schedule["instalments"]]
    others = (("processing", "in attempt"), ("unscheduled", "on no date"), ("refund_due", "[red]to refund[/]"))
    for name, words in others:
        if balance[name]["amount"]:
            rows.append((words, euros(balance[name]["amount"])))
    return rows or [("nothing", "")]


def _due(instalment: Json) -> str:
    due = instalment["due"] or "once the pause is lifted"
    return f"{due}, again on {again}" if (again := instalment.get("next_try")) else str(due)


def attempts_table(title: str, attempts: Sequence[Json]) -> Table:
    """What was asked of the provider, and what became of it."""
    table = Table("due on", title=title, title_justify="left", title_style="bold")
    table.add_column("", justify="right")
    table.add_column("attempt", justify="right")
    for column in ("outcome", "the provider's reference"):
        table.add_column(column)
    for each in attempts:
        why = f", {each['reason'].replace('_', ' ')}" if each["reason"] else ""
        outcome = each["status"] + why
        table.add_row(
            each["due"],
            euros(each["amount"]["amount"]),
            str(each["number"]),
            f"[red]{outcome}[/]" if why else outcome,
            each["reference"],
        )
    return table


def book_table(title: str, entries: Sequence[Json]) -> Table:
    """What the sandbox did, by its own book."""
    table = Table("key", "what", title=title, title_justify="left", title_style="bold")
    table.add_column("", justify="right")
    for column in ("outcome", "reference"):
        table.add_column(column)
    for each in entries:
        table.add_row(short(each["key"]), each["kind"], euros(each["amount"]), each["status"], each["reference"])
    return table


def entries_table(title: str, entries: Sequence[Json]) -> Table:
    """The movements of a client credit; their sum is what is left of it (CRE-7)."""
    table = Table("on", "movement", "why", "contract", title=title, title_justify="left", title_style="bold")
    table.add_column("", justify="right")
    for each in entries:
        why = each["reason"].replace("_", " ")
        contract = short(each["contract"]) if each["contract"] else ""
        table.add_row(each["on"], each["kind"], why, contract, euros(each["amount"]["amount"]))
    table.add_section()
    table.add_row("left", "", "", "", f"[bold]{euros(sum(each['amount']['amount'] for each in entries))}[/]")
    return table


def refund_lines_table(title: str, lines: Sequence[Json]) -> Table:
    """The refund lines that await correction."""
    table = Table("since", "owner", "contract", "made by", title=title, title_justify="left", title_style="bold")
    table.add_column("to refund", justify="right")
    for each in lines:
        cause = f"a {each['cause']['kind'].replace('_', ' ')}"
        table.add_row(each["since"], each["owner"], short(each["contract"]), cause, euros(each["amount"]["amount"]))
    return table


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


def _failure_gist(body: Json) -> str:
    again = f", again on {body['next_try']}" if body["next_try"] else ""
    return f"{euros(body['amount'])}, {body['reason'].replace('_', ' ')}{again}"


def _credit_gist(body: Json) -> str:
    return f"{euros(body['amount'])}, {euros(body['left'])} left"


def _sessions_gist(body: Json, what: str) -> str:
    return what if body["left"] is None else f"{what}, {body['left']} left"


_GISTS: Mapping[str, Callable[[Json], str]] = {
    "OrganisationChanged": lambda body: str(body["name"]),
    "ProductChanged": lambda body: f"{body['name']}, {body['status']}".replace("_", " "),
    "ProductAdded": lambda body: f"{body['purchase']['name']}, {euros(body['purchase']['price'])}",
    "DiscountPlaced": lambda body: f"{body['name']}, {euros(-body['amount'])}",
    "ProductCancelled": lambda body: f"{body['name']}, {euros(-body['amount'])}",
    "ContractChanged": lambda body: f"{euros(body['total_before'])} → {euros(body['total_after'])}",
    "ScheduleCreated": _schedule_gist,
    "ScheduleAdjusted": _schedule_gist,
    "CollectionCalendarChanged": lambda body: "by hand" if body["hour"] is None else f"from {body['hour']} o'clock",
    "PaymentMethodAdded": lambda body: f"a {body['kind']} of the {body['provider']}".replace("_", " "),
    "CollectionStarted": lambda body: f"{euros(body['amount'])}, attempt {body['number']}",
    "PaymentFailed": _failure_gist,
    "RefundLineSettled": lambda body: f"{euros(body['amount'])}, {body['how']}".replace("_", " "),
    "CreditUsed": _credit_gist,
    "CreditRestored": _credit_gist,
    "CreditRemovalRefused": _credit_gist,
    "VoucherIssued": lambda body: str(body["name"]),
    "PackIssued": lambda body: _sessions_gist(body, str(body["name"])),
    "SessionUsed": lambda body: _sessions_gist(body, "a session"),
    "SessionRestored": lambda body: _sessions_gist(body, "a session is back"),
    "PlanChanged": lambda body: f"{body['name_before']} → {body['name']}",
    "AccessGranted": lambda body: str(body["course"]),
    "AccessChanged": lambda body: str(body["course"]),
    "PackReminded": lambda body: str(body["why"]).replace("_", " "),
    "EmailSent": lambda body: str(body["kind"]).replace("_", " "),
    "EmailFailed": lambda body: str(body["kind"]).replace("_", " "),
}
