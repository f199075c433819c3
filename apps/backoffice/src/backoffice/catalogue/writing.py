"""A product in a form: read as the API takes it, and said label by label."""

import re
from collections.abc import Mapping

from backoffice.apis import Json, Problem
from backoffice.catalogue import formats
from backoffice.catalogue.kinds import PARTS, Known, Part
from backoffice.languages import N_
from backoffice.web import Form

LONGEST_NAME, LONGEST_DESCRIPTION = 120, 2_000

LABELS: Mapping[str, str] = {
    "name": N_("Name"),
    "description": N_("Description"),
    "vat_rate": N_("VAT"),
    "participant": N_("For one member"),
}
"""The fields that every product has."""

_PLACE = re.compile(r"\[(\d+)\]")


def read(form: Form, part: Part, known: Known, before: Json | None) -> Json:
    """The whole product; what is wrong is kept with the form. ``before`` is the product as it is saved."""
    # A discount takes the rates of the lines that it applies to: its own says nothing, and stays.
    unsaid = before["vat_rate"] if before else 0
    return {
        "name": form.text("name", most=LONGEST_NAME),
        "description": form.text("description", required=False, most=LONGEST_DESCRIPTION),
        "vat_rate": form.percent("vat_rate") if part.formats else unsaid,
        "participant": part.for_one is not None and form.ticked("participant"),
        "formats": formats.read(form, known.currency) if part.formats else [],
        "details": part.read(form, known),
    }


def facts(product: Json, known: Known) -> dict[str, str]:
    """What a product is, by labels in the language of the person; a product as it is or as it was typed."""
    language = known.language
    kind = product["details"]["kind"]
    part = PARTS.get(kind)
    found = {
        LABELS["name"]: product["name"],
        LABELS["description"]: product["description"].replace("\r\n", "\n"),
    }
    if part is None or part.formats:
        found[LABELS["vat_rate"]] = language.percent(product["vat_rate"])
    if part and part.for_one is not None:
        found[LABELS["participant"]] = language.gettext("yes") if product["participant"] else language.gettext("no")
    for each in part.fields if part else ():
        found[each.label] = each.shown(product["details"], known)
    shown = {language.gettext(label): text for label, text in found.items()}
    for format_ in product["formats"]:
        for tariff in format_["tariffs"]:
            shown[f"{format_['name']}, {tariff['name']}"] = language.money(tariff["price"])
    return shown


def labels(form: Form, part: Part, known: Known) -> dict[str, str]:
    """The labels of all inputs by their names, for the list of what is wrong."""
    gettext = known.language.gettext
    found = {name: gettext(label) for name, label in LABELS.items()}
    found |= {each.input: gettext(each.label) for each in part.fields}
    for at, each in enumerate(formats.sent(form)):
        name = f"{formats.PREFIX}{at}"
        found[f"{name}.name"] = gettext("Format {number}").format(number=at + 1)
        for number, tariff in enumerate(each.tariffs):
            found[f"{name}.tariffs.{number}.name"] = gettext("Tariff {number}").format(number=number + 1)
            found[f"{name}.tariffs.{number}.price"] = f"{each.name}, {tariff.name}".strip(", ") or gettext("Price")
    return found


def inputs(fault: Exception, kind: str) -> dict[str, str]:
    """The names of inputs by the fields that a refusal names: ``details.course.capacity`` is ``details.capacity``."""
    found = {}
    for field in fault.fields if isinstance(fault, Problem) else ():
        name = _PLACE.sub(r".\1", field).replace(f"details.{kind}.", "details.")
        name = name.removesuffix(".amount") if name.endswith(("price.amount", "value.amount")) else name
        found[field] = re.sub(r"^(details\.occurrences)\..*", r"\1", name)
    return found
