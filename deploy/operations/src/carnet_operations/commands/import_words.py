"""What `carnet import` says, in English and in French: what is wrong in files has the words of the page."""

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    "line": ("{sheet}, row {row}: {sentence}", "{sheet}, ligne {row} : {sentence}"),
    "cell": (
        "{sheet}, row {row}, column “{column}”: {sentence}",
        "{sheet}, ligne {row}, colonne « {column} » : {sentence}",
    ),
    "more": ("And {count} more.", "Et {count} de plus."),
    "looked": ("{done} of {all} families looked at", "{done} familles examinées sur {all}"),
    "new": ("new", "nouvelle(s)"),
    "unchanged": ("unchanged", "déjà reprise(s)"),
    "changed": ("changed", "modifiée(s) depuis"),
    "wrong": ("wrong", "à corriger"),
    "sums": ("The new ones: {sums}", "Les nouvelles : {sums}"),
    "total": ("total", "contrats"),
    "paid": ("paid", "payé"),
    "planned": ("planned", "planifié"),
    "unscheduled": ("unscheduled", "sans date"),
    "credit": ("credit", "crédits"),
    "family": ("family", "famille"),
    "owner": ("owner", "responsable"),
    "standing": ("standing", "état"),
    "sessions": ("sessions", "séances"),
    "is-new": ("new", "nouvelle"),
    "is-unchanged": ("unchanged", "déjà reprise"),
    "is-changed": ("changed", "modifiée depuis"),
    "is-wrong": ("wrong", "à corriger"),
    "nothing-done": (
        "Nothing was changed. With --run, the new families are imported.",
        "Rien n’a été modifié. Avec --run, les nouvelles familles sont reprises.",
    ),
    "nothing-new": (
        "No family is new: nothing is to be imported.",
        "Aucune famille n’est nouvelle : il n’y a rien à reprendre.",
    ),
    "imported-so-far": ("{done} of {all} families imported", "{done} familles reprises sur {all}"),
    "imported-one": ("1 family imported", "1 famille reprise"),
    "imported": ("{count} families imported", "{count} familles reprises"),
    "ended": (
        "{imported}, {refused} refused, {failed} failed (job {job})",
        "{imported}, {refused} refusée(s), {failed} en échec (traitement {job})",
    ),
    "family-changed-since-import": (
        "This family was imported before, and is not as it was then. Nothing was changed: make the change in Carnet, "
        "where the family is kept now.",
        "Cette famille a déjà été reprise, et n’est plus comme alors. Rien n’a été modifié : faites la modification "
        "dans Carnet, sur la page de la famille.",
    ),
    "refused": ("Carnet refuses the import: {why}", "Carnet refuse la reprise : {why}"),
    "headings": ("Its headings: {headings}", "Ses titres : {headings}"),
    "columns": (
        "A file to begin with, for --columns: {file}",
        "Un fichier pour commencer, à donner avec --columns : {file}",
    ),
    "written": ("Written: {path}", "Écrit : {path}"),
}
"""English and French, by what is said."""


class Words:
    """The words of a language: French, or else English."""

    def __init__(self, language: str) -> None:
        self.language = "fr" if language == "fr" else "en"

    def __call__(self, name: str, **values: object) -> str:
        """A sentence with its values."""
        return WORDS[name][self.language == "fr"].format(**values)

    def known(self, name: str, otherwise: str) -> str:
        """A sentence of that name; ``otherwise`` if it has no words here."""
        return self(name) if name in WORDS else otherwise
