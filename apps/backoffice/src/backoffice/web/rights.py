"""What the scopes of a token allow, in people's words, and why something is not possible (ORG-2, ORG-3)."""

from collections.abc import Mapping

from backoffice.languages import N_, Language

ALLOWS: Mapping[str, str] = {
    "catalog:read": N_("see the catalogue"),
    "catalog:write": N_("change the catalogue and the settings"),
    "accounts:read": N_("see families"),
    "accounts:write": N_("change families"),
    "contracts:read": N_("see contracts"),
    "contracts:write": N_("open and change contracts"),
    "contracts:ask": N_("ask for the cancellation of a subscription"),
    "contracts:import": N_("take families over from other software"),
    "export:all": N_("take all data of the school along"),
    "access:read": N_("see what members may enter"),
    "payments:read": N_("see payments"),
    "payments:collect": N_("record payments and move instalments"),
    "payments:correct": N_("settle refunds of contracts paid online"),
    "payments:methods": N_("change payment methods"),
    "payments:books": N_("set the accounts of the export and close periods"),
    "credits:read": N_("see credits"),
    "credits:adjust": N_("grant and adjust credits"),
    "credits:use": N_("take sessions of packs"),
    "scholarships:read": N_("see scholarship funds"),
    "scholarships:award": N_("award scholarships"),
    "notifications:read": N_("see mails"),
    "notifications:write": N_("send mails and change their texts"),
}


def why_not(scope: str, language: Language) -> str:
    """Why somebody whose role lacks a scope cannot do what needs it, and whom to ask."""
    if scope == "payments:correct":
        return language.gettext("Only support settles refunds of contracts paid online. Support has been informed.")
    allowed = language.gettext(ALLOWS[scope]) if scope in ALLOWS else scope
    text = language.gettext(
        "Your role does not let you {do}. Ask the person who manages the rights of your organisation."
    )
    return text.format(do=allowed)
