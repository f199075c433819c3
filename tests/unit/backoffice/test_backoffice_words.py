"""Texts: every catalogue is complete, every template's texts are in one, every problem type has its sentence."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from backoffice.apis import Problem, ServiceAwayError
from backoffice.contracts import purchases
from backoffice.invoices import matching as invoice_states
from backoffice.languages import LANGUAGES, NP_, Language
from backoffice.languages.__main__ import untranslated, up_to_date
from backoffice.languages.catalogues import CATALOGUE, PACKAGE, folders, saved
from backoffice.problems import SENTENCES, away_sentence, sentence
from tests.backoffice.words import bare_texts
from tests.pages import ROOT

TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
PROBLEMS = (ROOT / "docs" / "integration" / "problems.md").read_text(encoding="utf-8")
MONEY, DAY = re.compile(r"\{(\w+):money\}"), re.compile(r"\{(\w+):day\}")


@pytest.fixture(scope="module")
def current() -> dict[str, Catalog]:
    """The catalogues that the sources ask for, by the names of their folders."""
    return {folder.name: catalog for folder, catalog in up_to_date()}


def texts(catalog: Catalog) -> set[tuple[object, object]]:
    return {(message.id, message.context) for message in catalog if message.id}


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_a_catalogue_has_every_text_of_its_folder_and_no_other(folder: Path, current: dict[str, Catalog]) -> None:
    assert texts(saved(folder)) == texts(current[folder.name]), "run python -m backoffice.languages"


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_every_text_is_translated_and_none_is_doubtful(folder: Path) -> None:
    for message in saved(folder):
        assert not untranslated(message), message.id
        assert not (message.id and message.fuzzy), message.id


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_a_translation_has_the_values_of_its_text(folder: Path) -> None:
    for message in saved(folder):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else message.id
        strings = [message.string] if isinstance(message.string, str) else message.string
        values = [set(re.findall(r"%\(\w+\)[sd]|\{\w+(?::\w+)?\}", str(text))) for text in (*ids, *strings)]
        plural = len(ids) > 1
        wanted = set().union(*values[: len(ids)])
        for found in values[len(ids) :]:
            assert found == wanted or (plural and found <= wanted), message.id


def test_folders_translate_the_same_text_the_same_way() -> None:
    known: dict[object, object] = {}
    for folder in folders():
        for message in saved(folder):
            if message.id:
                before = known.setdefault((message.id, message.context), message.string)
                assert before == message.string, f"{folder.name}/{CATALOGUE}: {message.id}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_text_of_a_template_is_left_out_of_the_catalogues(template: Path) -> None:
    assert not bare_texts(template.read_text(encoding="utf-8"))


def test_bare_texts_are_found() -> None:
    page = '<p title="Hello">{{ _("x") }}{# Not this #}{% trans %}nor this{% endtrans %}</p><a href="/x">Go</a>1 – 2'
    assert bare_texts(page) == ["Hello", "Go"]


def test_every_problem_type_has_a_sentence_and_every_sentence_a_problem_type() -> None:
    documented = set(re.findall(r"^## (.+)$", PROBLEMS, flags=re.MULTILINE))
    assert SENTENCES.keys() == documented


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("slug", SENTENCES)
def test_a_sentence_is_made_of_the_values_that_the_problem_has(slug: str, code: str) -> None:
    section = PROBLEMS.split(f"\n## {slug}\n")[1].split("\n## ")[0]
    given = set(re.findall(r"`(\w+)`", section.strip().splitlines()[0]))
    written = SENTENCES[slug]
    used = set(re.findall(r"\{(\w+)", written))
    assert used <= given, "the problem has no such value"
    params = {name: "2027-09-05" if name in DAY.findall(written) else 12_050 for name in given}
    language = Language.of(code)
    said = sentence(Problem(409, slug, params), language, "EUR")
    assert said
    assert "{" not in said
    if MONEY.search(written):
        assert ("120,50\u00a0€" if code == "fr" else "€120.50") in said
    if DAY.search(written):
        assert ("5 sept. 2027" if code == "fr" else "5 Sept 2027") in said
    assert code == "en" or said != sentence(Problem(409, slug, params), Language.of("en"), "EUR")


@pytest.mark.parametrize("status", [403, 404, 409, 412, 422, 500])
def test_a_problem_type_of_a_newer_release_is_described_by_its_status(status: int) -> None:
    said = {code: sentence(Problem(status, "brand-new"), Language.of(code), "EUR") for code in LANGUAGES}
    assert all(said.values())
    assert said["fr"] != said["en"]


def test_a_problem_that_lacks_a_value_is_described_by_its_status() -> None:
    assert sentence(Problem(409, "more-than-left", {}), Language.of("en"), "EUR").startswith("This cannot be done")


def test_what_may_have_been_done_is_distinguished_from_what_was_not() -> None:
    language = Language.of("en")
    assert "it may have been done" in away_sentence(ServiceAwayError("payments", sent=True), language)
    assert "nothing has changed" in away_sentence(ServiceAwayError("payments"), language)


def test_a_word_of_several_nouns_agrees_with_each() -> None:
    french, english = Language.of("fr"), Language.of("en")
    assert french.gettext(NP_("invoice", "paid")) == french.pgettext("invoice", "paid") == "payée"
    assert french.gettext("paid") == "payé"
    assert english.gettext(NP_("invoice", "paid")) == "paid"


@pytest.mark.parametrize("words", [invoice_states.STATES, purchases.PERIOD_PAID], ids=["invoices", "periods"])
def test_the_states_of_a_feminine_noun_are_feminine(words: Mapping[str, tuple[str, str]]) -> None:
    french = Language.of("fr")
    for _, text in words.values():
        said = french.gettext(text)
        assert re.search(r"(ée|te)\b", said), said  # codespell:ignore te
        assert not re.search(r"\w(é|ert)\b", said), said
