"""What can be wrong in a file, in the words of a school, in English and in French: for the page and the command."""

from collections.abc import Mapping

from carnet.importing.problems import CellProblem, FileError, Params
from carnet.texts import typeset

Words = tuple[str, str]
"""English and French."""

FILES: Mapping[str, Words] = {
    "no-file": (
        "There is no file. Choose one.",
        "Il n’y a pas de fichier. Choisissez-en un.",
    ),
    "too-many-files": (
        "More than {most} files were chosen. Choose those of one import, or one workbook with all sheets.",
        "Vous avez choisi plus de {most} fichiers. Choisissez ceux d’une seule reprise, ou un classeur qui a toutes "
        "les feuilles.",
    ),
    "file-empty": (
        "There is nothing in “{name}”. Choose another file.",
        "« {name} » est vide. Choisissez un autre fichier.",
    ),
    "file-too-large": (
        "“{name}” is too large. Split it by families.",
        "« {name} » est trop grand. Partagez-le par familles.",
    ),
    "file-old-excel": (
        "“{name}” is of an old Excel, or has a password. Save it as XLSX without a password.",
        "« {name} » vient d’un ancien Excel, ou a un mot de passe. Enregistrez-le en XLSX sans mot de passe.",
    ),
    "file-no-text": (
        "“{name}” is no CSV and no XLSX. Save it as “CSV UTF-8” or as XLSX.",
        "« {name} » n’est ni un CSV ni un XLSX. Enregistrez-le en « CSV UTF-8 » ou en XLSX.",
    ),
    "file-encoding": (
        "The accented letters of “{name}” cannot be read. Save it as “CSV UTF-8” or as XLSX.",
        "Les lettres accentuées de « {name} » ne peuvent pas être lues. Enregistrez-le en « CSV UTF-8 » ou en XLSX.",
    ),
    "file-garbled": (
        "“{name}” has garbled letters: “{found}” instead of an accented letter. Export it once more from your former "
        "software, as “CSV UTF-8” or XLSX.",
        "« {name} » a des lettres abîmées : « {found} » à la place d’une lettre accentuée. Exportez-le de nouveau de "
        "votre ancien logiciel, en « CSV UTF-8 » ou en XLSX.",
    ),
    "file-no-workbook": (
        "“{name}” is no XLSX. Save it as XLSX or as CSV.",
        "« {name} » n’est pas un XLSX. Enregistrez-le en XLSX ou en CSV.",
    ),
    "file-no-columns": (
        "“{name}” has one column. Separate the columns by semicolons, commas or tabs.",
        "« {name} » n’a qu’une colonne. Séparez les colonnes par des points-virgules, des virgules ou des tabulations.",
    ),
    "file-broken": (
        "“{name}” is damaged. Open it, save it again as XLSX and try again.",
        "« {name} » est abîmé. Ouvrez-le, enregistrez-le de nouveau en XLSX et réessayez.",
    ),
    "file-quote": (
        "“{name}” cannot be read from line {row} on. Look there for a quote left open, and close it.",
        "« {name} » ne peut pas être lu à partir de la ligne {row}. Cherchez-y un guillemet qui n’est pas refermé, et "
        "refermez-le.",
    ),
    "file-hostile": (
        "“{name}” has parts that no spreadsheet has. Save it again as XLSX.",
        "« {name} » contient ce qu’aucun tableur n’écrit. Enregistrez-le de nouveau en XLSX.",
    ),
    "file-too-wide": (
        "“{name}” has too many columns. Leave out those that are not imported.",
        "« {name} » a trop de colonnes. Laissez de côté celles qui ne sont pas reprises.",
    ),
    "file-too-long": (
        "“{name}” has too many rows. Split it by families.",
        "« {name} » a trop de lignes. Partagez-le par familles.",
    ),
    "no-rows": (
        "There is no row below the headings of {name}. Fill in the rows.",
        "Il n’y a aucune ligne sous les titres de {name}. Remplissez les lignes.",
    ),
    "column-twice": (
        "“{name}” has two columns “{column}”. Leave one of them out, or call it something else.",
        "« {name} » a deux colonnes « {column} ». Retirez-en une, ou donnez-lui un autre titre.",
    ),
    "columns-missing": (
        "“{name}” is most like the sheet “{sheet}” and lacks the columns {columns}. Add them, or choose below what its"
        " columns mean. If there is nothing to import in it, leave it out.",
        "« {name} » ressemble surtout à la feuille « {sheet} », et il lui manque {columns}. Ajoutez ces colonnes, ou "
        "choisissez ci-dessous ce que signifient les siennes. S’il n’y a rien à y reprendre, retirez-la.",
    ),
    "columns-lost": (
        "“{name}” has no column {lost} any more, which you had chosen. Export the file with it, or choose below what "
        "says the same now.",
        "« {name} » n’a plus la colonne {lost}, que vous aviez choisie. Exportez le fichier avec elle, ou choisissez "
        "ci-dessous ce qui dit désormais la même chose.",
    ),
    "columns-new": (
        "“{name}” has headings that were not there when you chose its columns: {new}. Look at the choice below, and "
        "keep it.",
        "« {name} » a des titres qui n’y étaient pas quand vous avez choisi ses colonnes : {new}. Regardez le choix "
        "ci-dessous, et gardez-le.",
    ),
    "no-families": (
        "The sheet “{sheet}” is missing. Add it, or choose the file that has it beside {name}.",
        "La feuille « {sheet} » manque. Ajoutez-la, ou choisissez aussi le fichier qui la contient, avec {name}.",
    ),
}
"""Why a file cannot be read, by the problem of the reader."""

CELLS: Mapping[str, Words] = {
    "missing": (
        "It is empty: fill it in.",
        "La cellule est vide : remplissez-la.",
    ),
    "missing-merged": (
        "It is empty: fill it in. Of merged cells only the first one has the value, so unmerge them.",
        "La cellule est vide : remplissez-la. De cellules fusionnées, seule la première a la valeur : défusionnez-les.",
    ),
    "error-value": (
        "The spreadsheet shows an error there, {shown}: write the value.",
        "Le tableur y affiche une erreur, {shown} : écrivez la valeur.",
    ),
    "formula": (
        "It is a formula: copy the cell and paste its value only.",
        "C’est une formule : copiez la cellule et collez seulement sa valeur.",
    ),
    "too-long": (
        "The text has more than {most} characters: shorten it.",
        "Le texte a plus de {most} caractères : raccourcissez-le.",
    ),
    "no-date": (
        "It is no date: write it as 01/09/2026, the day first, as 1 September 2026 or as 2026-09-01.",
        "Ce n’est pas une date : écrivez-la 01/09/2026, le jour d’abord, 1er septembre 2026 ou 2026-09-01.",
    ),
    "no-day": (
        "There is no such day: correct it, the day first, then the month.",
        "Ce jour n’existe pas : corrigez-le, le jour d’abord, puis le mois.",
    ),
    "no-amount": (
        "It is no amount: write it as 1234.50, in {currency}.",
        "Ce n’est pas un montant : écrivez-le 1234,50, en {currency}.",
    ),
    "no-rate": (
        "It is no rate in percent: write it as 20, 5.5 or 0.",
        "Ce n’est pas un taux en pourcentage : écrivez-le 20, 5,5 ou 0.",
    ),
    "rate-fraction": (
        "It is below half a percent: write 20 for 20 %, not 0.2.",
        "Le taux est inférieur à un demi pour cent : écrivez 20 pour 20 %, et non 0,2.",
    ),
    "no-count": (
        "It is no whole number: write it as 4.",
        "Ce n’est pas un nombre entier : écrivez-le 4.",
    ),
    "too-many-decimals": (
        "It has more than {most} decimals: round it.",
        "Il y a plus de {most} décimales : arrondissez.",
    ),
    "negative": (
        "It is below zero: write it without the sign, or leave the row out.",
        "C’est négatif : écrivez-le sans le signe, ou retirez la ligne.",
    ),
    "no-choice": (
        "It is none of these words: {words}. Write one of them.",
        "Ce n’est aucun de ces mots : {words}. Écrivez l’un d’eux.",
    ),
    "none-left": (
        "No session is left: leave the row out.",
        "Il ne reste aucune séance : retirez la ligne.",
    ),
    "zero": (
        "The amount is zero: leave the row out.",
        "Le montant est nul : retirez la ligne.",
    ),
    "owner-missing": (
        "The family has no owner: give the role of owner to one of its adults.",
        "La famille n’a pas de responsable : donnez ce rôle à l’un de ses adultes.",
    ),
    "owner-twice": (
        "The family has an owner already: give this person the role of an adult.",
        "La famille a déjà une personne responsable : donnez à celle-ci le rôle d’adulte.",
    ),
    "unknown-contract": (
        "No contract has this number: add it to the contracts.",
        "Aucun contrat n’a ce numéro : ajoutez-le aux contrats.",
    ),
    "unknown-family": (
        "No family has this number: add its people to the families.",
        "Aucune famille n’a ce numéro : ajoutez ses personnes aux familles.",
    ),
    "unknown-person": (
        "The family has no such person, or it is a mere contact: name one who takes part.",
        "La famille n’a pas cette personne, ou ce n’est qu’un contact : nommez quelqu’un qui participe.",
    ),
    "key-twice": (
        "Another one has the same number: give each its own.",
        "Un autre a le même numéro : donnez à chacun le sien.",
    ),
    "owner-is-no-adult": (
        "The owner of a family is an adult: name another one.",
        "Le responsable d’une famille est un adulte : nommez quelqu’un d’autre.",
    ),
    "born-after-today": (
        "A birth date is not after today.",
        "Une date de naissance n’est pas après aujourd’hui.",
    ),
    "date-out-of-range": (
        "The date is too early or too late for this: correct it.",
        "La date est trop tôt ou trop tard : corrigez-la.",
    ),
    "no-lines": (
        "The contract has no purchase: add what was bought.",
        "Le contrat n’a pas d’achat : ajoutez ce qui a été acheté.",
    ),
    "total-too-large": (
        "The contract comes to too much: correct a price.",
        "Le total du contrat est trop grand : corrigez un prix.",
    ),
    "paid-above-total": (
        "More was paid than the contract comes to: put the difference into the credits.",
        "Il a été payé plus que le total du contrat : mettez la différence dans les crédits.",
    ),
    "planned-above-rest": (
        "Payments and instalments exceed the contract: plan only what is left to pay.",
        "Paiements et échéances dépassent le contrat : ne prévoyez que ce qui reste à payer.",
    ),
    "no-email": (
        "No mail can be sent to this address: correct it, or leave the cell empty.",
        "Aucun courriel ne peut partir à cette adresse : corrigez-la, ou laissez la cellule vide.",
    ),
    "no-phone": (
        "It is no telephone number: write it as +33 1 23 45 67 89, or leave the cell empty.",
        "Ce n’est pas un numéro de téléphone : écrivez-le 01 23 45 67 89, ou laissez la cellule vide.",
    ),
    "not-readable": (
        "It cannot be used as it is: write it in plain letters on one line.",
        "Ce texte ne peut pas être repris tel quel : écrivez-le en lettres simples, sur une ligne.",
    ),
    "changed": (
        "It is not as it was imported before. Nothing is changed: make the change here, with the family.",
        "Ce n’est plus comme lors de la reprise. Rien n’est modifié : faites la modification ici, dans la famille.",
    ),
}
"""What is wrong with a cell or a row, by its problem."""


def file_sentence(error: FileError, language: str) -> str:
    """Why a file cannot be read, in French or else in English."""
    return _sentence(FILES.get(error.problem), error.params, language, error.detail)


def cell_sentence(problem: CellProblem, language: str) -> str:
    """What to do about a cell or a row, in French or else in English."""
    return _sentence(CELLS.get(problem.problem), problem.params, language, problem.detail)


def _sentence(words: Words | None, params: Params, language: str, detail: str) -> str:
    """The sentence with its values; ``detail`` where a newer release finds what has no words here."""
    if words is None:
        return detail
    french = language == "fr"
    values = {name: both[french] for name, both in params.items()}
    return typeset(words[1]).format(**values) if french else words[0].format(**values)
