"""The document of a contract agrees with what its journal gives (CON-1, CON-6, CON-7, CON-22)."""

from collections.abc import Mapping

from carnet.mongo import Document
from carnet_operations.verify.contracts import aided
from carnet_operations.verify.contracts.rebuilt import ReplayedContract, ReplayedLine
from carnet_operations.verify.credits.removals import AskedRedemption, AskedRemoval, check_waiting
from carnet_operations.verify.report import Report


def check_contract(replayed: ReplayedContract, document: Document, report: Report) -> None:
    """The contract that is kept is the one that its journal adds up to, line by line."""
    where = f"contracts.contracts {replayed.id}"
    report.count("contracts")
    if replayed.opened is None:
        _check_opening(replayed, document, where, report)
        return
    opened = replayed.opened
    for name in ("account", "mode", "sale", "currency"):
        report.same("CON-1", where, name, expected=opened.get(name), found=document[name])
    report.same("CON-27", where, "the number", expected=opened.get("number"), found=document.get("number"))
    report.same("CON-22", where, "cancelled_on", expected=replayed.cancelled_on, found=document["cancelled_on"])
    wish = (document.get("subscription") or {}).get("wish") or {}
    report.same("CON-17", where, "the cancellation that the client asks for",
                expected=replayed.wished_on, found=wish.get("wished_on"))  # fmt: skip
    kept = {line["purchase"]["line"]: line for line in document["lines"]}
    report.same("CON-1", where, "the lines, in order", expected=list(replayed.lines), found=list(kept))
    for line_id in replayed.lines.keys() & kept.keys():
        _check_line(replayed.lines[line_id], kept[line_id], f"{where} line {line_id}", report)
    total = sum(
        -line["purchase"]["price"]
        if line["purchase"]["kind"] == "discount"
        else line["purchase"]["price"] - aided.of(line)
        for line in document["lines"]
        if line["state"] == "live" and not line["purchase"].get("voucher")
    )
    report.same("CON-1", where, "the sum of the live lines", expected=replayed.total, found=total)
    _check_nets(kept, where, report)
    newest = replayed.changes[-1].version if replayed.changes else None
    asked: list[AskedRemoval | AskedRedemption] = [
        *replayed.removals.values(),
        *replayed.redemptions.values(),
        *replayed.uses.values(),
    ]
    check_waiting(replayed.id, asked, newest, document, report)
    _check_not_made(replayed, document, where, report)


def _check_opening(replayed: ReplayedContract, document: Document, where: str, report: Report) -> None:
    """A contract whose opening waits for another service, or was refused by one, has no lines (CON-1)."""
    opening = "pending" if replayed.not_made is None else "refused"
    report.same("CON-1", where, "the status of its opening", expected=opening, found=document.get("opening"))
    report.same("CON-1", where, "the lines, in order", expected=[], found=document["lines"])
    _check_not_made(replayed, document, where, report)


def _check_not_made(replayed: ReplayedContract, document: Document, where: str, report: Report) -> None:
    """The contract keeps what the services answered that refused its last change (CRE-5)."""
    if (event := replayed.not_made) is not None:
        kept = document.get("refused_change") or {}
        found = (kept.get("change"), kept.get("refusals"))
        report.same("CRE-5", where, "the change that was not made, and the refusals",
                    expected=(event["request"], event["refusals"]), found=found)  # fmt: skip


def _check_line(replayed: ReplayedLine, kept: Document, where: str, report: Report) -> None:
    report.count("contract lines")
    state = "live" if replayed.cancelled is None else "cancelled"
    report.same("CON-6", where, "the state", expected=state, found=kept["state"])
    report.same("CON-6", where, "cancelled_on", expected=replayed.cancelled_on, found=kept["cancelled_on"])
    marked = (kept.get("invoice") or {}).get("request")
    report.same("INV-4", where, "the request of its mark", expected=replayed.marked, found=marked)
    deposits = [each["request"] for each in kept.get("deposits") or ()]
    report.same("INV-4", where, "the requests of its deposits", expected=replayed.deposits, found=deposits)
    report.same("CON-12", where, "deleted_on", expected=replayed.deleted_on, found=kept.get("deleted_on"))
    for name, published in replayed.purchase.items():
        rule = "CON-1" if name == "price" else "CAT-4"
        report.same(rule, where, f"the {name}", expected=published, found=kept["purchase"].get(name))
    report.same("CON-7", where, "the shares", expected=replayed.shares, found=kept["shares"])
    aided.check_line(replayed, kept, where, report)


def _check_nets(kept: Mapping[str, Document], where: str, report: Report) -> None:
    """No line bears more discount than its price, nor a discount in force once it is cancelled (CON-6, CON-7)."""
    borne: dict[str, int] = {}
    for discount in kept.values():
        if discount["state"] == "live":
            for share in discount["shares"]:
                borne[share["line"]] = borne.get(share["line"], 0) + share["amount"]
                report.same(
                    "CON-6", where, f"the line {share['line']}, which bears a discount in force",
                    expected="live", found=kept[share["line"]]["state"],
                )  # fmt: skip
    for line_id, line in kept.items():
        price, off = line["purchase"]["price"], borne.get(line_id, 0)
        if line["state"] == "live" and line["purchase"]["kind"] != "discount" and off + aided.of(line) > price:
            what = f"discounts and what a scholarship covers of {line_id}"
            report.find("CRE-11", where, what, expected=f"at most {price}", found=off + aided.of(line))
    for line_id, amount in borne.items():
        price = kept[line_id]["purchase"]["price"]
        if kept[line_id]["purchase"].get("voucher"):
            report.find(
                "CRE-9", where, f"discounts on line {line_id}, which a voucher covers", expected=0, found=amount
            )
        if amount > price:
            report.find("CON-7", where, f"discounts on line {line_id}", expected=f"at most {price}", found=amount)
