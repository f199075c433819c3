"""Organisations, products and accounts are as their last event published them, and so are their copies.

ORG-5, CAT-4, CON-13, CON-27: a document has the values that its last event published. EVT: the copies in other
services have them too. ORG-4: nothing personal is left of an erased account, in its document or in its journal.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from carnet.mongo import Document
from carnet_operations.verify.published.journals import name_of
from carnet_operations.verify.report import Report

_IDS = ("organisation", "product", "account")
"""The field of a state event that has the aggregate's own id."""


def check_state(what: str, rule: str, document: Document, rows: Sequence[Document], report: Report) -> None:
    """Every field of the last event is kept as published. ``what`` names the collection: ``catalog.products``."""
    report.count(what)
    if rows:
        _fields(f"{what} {document['_id']}", rule, rows[-1]["data"], document, report)


def check_copy(what: str, copy: Document, rows: Sequence[Document], report: Report) -> None:
    """The copy that another service keeps is as the last event published it (EVT)."""
    where = f"{what} {copy['_id']}"
    report.count("copies of organisations and products")
    if not rows:
        report.find("EVT", where, "the aggregate that it is a copy of", expected="one with a journal", found=None)
        return
    report.same("EVT", where, "the version", expected=rows[-1]["sequence"], found=copy["version"])
    published = {name: value for name, value in rows[-1]["data"].items() if name in copy}
    _fields(where, "EVT", published, copy, report)


def _fields(where: str, rule: str, published: Mapping[str, Any], document: Document, report: Report) -> None:
    for name, value in published.items():
        if name not in _IDS:
            report.same(rule, where, f"the {name}", expected=value, found=document.get(name))
        elif value not in (document["_id"], document.get(name)):
            report.find(rule, where, "the id", expected=value, found=document["_id"])


def check_account(document: Document, rows: Sequence[Document], report: Report) -> None:
    """The account is as its last event says; of one that was erased nothing personal is left (CON-13, ORG-4).

    Personal values are compared and never shown: a finding names the field.
    """
    report.count("contracts.accounts")
    where = f"contracts.accounts {document['_id']}"
    if not rows:
        return
    members = {member["id"]: member for member in document["members"]}
    erased = name_of(rows[-1]) == "AccountErased"
    report.same("ORG-4", where, "erased", expected=erased, found=document["erased"])
    if erased:
        _nothing_left(where, document, rows, report)
        return
    published = rows[-1]["data"]
    for name in ("owner", "language", "tags"):
        report.same("CON-13", where, f"the {name}", expected=published[name], found=document[name])
    report.same("CON-27", where, "the number", expected=published.get("number"), found=document.get("number"))
    plain = [{name: members[each][name] for name in ("id", "kind", "tags", "erased")} for each in members]
    report.same("CON-13", where, "the members", expected=published["members"], found=plain)
    personal = rows[-1].get("personal") or {}
    _unshown(where, {"notes": personal.get("notes")}, document, report)
    for person in personal.get("members", ()):
        _unshown(f"{where} member {person['id']}", person, members.get(person["id"], {}), report)
    known = {person["id"] for person in personal.get("members", ())}
    for member in document["members"]:
        if member["id"] not in known and (member["first_name"] or member["last_name"] or member["email"]):
            found = "some left"
            report.find("ORG-4", f"{where} member {member['id']}", "personal values", expected="none", found=found)


def _unshown(where: str, published: Mapping[str, Any], kept: Mapping[str, Any], report: Report) -> None:
    for name, value in published.items():
        if kept.get(name) != value:
            report.find("CON-13", where, f"the {name}", expected="as its last event says", found="another value")


def _nothing_left(where: str, document: Document, rows: Sequence[Document], report: Report) -> None:
    left = [member["id"] for member in document["members"] if member["first_name"] or member["last_name"]]
    if left or document["notes"]:
        report.find("ORG-4", where, "personal values of an erased account", expected="none", found=left or "notes")
    kept = [row["sequence"] for row in rows if "personal" in row]
    if kept:
        place = f"contracts.journal {document['_id']}"
        report.find("ORG-4", place, "personal parts of an erased account", expected="none", found=f"sequences {kept}")
