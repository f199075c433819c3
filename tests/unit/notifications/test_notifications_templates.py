"""NOT-2: one source, text and HTML; broken or unsafe templates are refused; nothing in a value becomes markup."""

import re
from datetime import date

import pytest

from carnet.refusals import Refusal
from notifications.domain.templates import Words
from notifications.mails import KINDS, contract_changed
from notifications.mails.views import View
from notifications.mails.words import default_words
from notifications.templates.check import LONGEST_BODY, check
from notifications.templates.render import UnwritableError, Written, write
from notifications.templates.values import Sum, Term, write_short
from notifications.templates.values import write as write_value
from tests.unit.notifications.notification_builders import FAMILY, SCHOOL, sample, variables

SPACE = re.compile(r"[\u00a0\u202f]")


def view(kind: str = "contract_opened") -> View:
    return variables(sample(kind))


def written(body: str, kind: str = "contract_opened", subject: str = "Hi", language: str = "en") -> Written:
    words = Words(subject=subject, body=body)
    check(words, kind, language)
    return write(words, view(kind), language)


@pytest.mark.parametrize(
    ("amount", "currency", "english", "french"),
    [
        (30_000, "EUR", "€300.00", "300,00 €"),
        (-1_050, "EUR", "−€10.50", "−10,50 €"),
        (123_456_789, "EUR", "€1,234,567.89", "1 234 567,89 €"),
        (500, "JPY", "JP¥500", "500 JPY"),
        (1_234, "TND", "TND1.234", "1,234 TND"),
        (300_050, "RSD", "RSD3,000.50", "3 000,50 RSD"),
        (1_234, "IQD", "IQD1.234", "1,234 IQD"),
        (12_345, "CLF", "CLF1.2345", "1,2345 CLF"),
        (10**12 - 1, "EUR", "€9,999,999,999.99", "9 999 999 999,99 €"),
    ],
)
def test_amounts_as_each_language_writes_them(amount: int, currency: str, english: str, french: str) -> None:
    assert SPACE.sub(" ", write_value(Sum(amount, currency), "en")) == english
    assert SPACE.sub(" ", write_value(Sum(amount, currency), "fr")) == french


def test_dates_and_terms_as_each_language_writes_them() -> None:
    day = date(2027, 8, 1)
    assert write_value(day, "en") == "1 August 2027"
    assert write_value(day, "fr") == "1er août 2027"
    assert write_value(date(2027, 8, 21), "fr") == "21 août 2027"
    assert write_short(day, "fr") == "01/08/2027"
    assert write_value(Term("cheque"), "fr") == "chèque"
    assert write_value(None, "fr") == ""


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_default_words_pass_their_own_check_and_say_all_amounts(kind: str, language: str) -> None:
    words = default_words(kind, language)
    check(words, kind, language)
    mail = write(words, view(kind), language)
    assert mail.subject
    assert "{" not in mail.subject + mail.text
    assert f'<html lang="{language}">' in mail.html
    # Whatever the text says with a currency, the HTML says too.
    amounts = re.findall(r"€\d[\d.,]*\d|\d[\d.,]*\u00a0€", mail.text)
    # A voucher is a right, a pack has sessions, an access is open, a mandate has no amount; a client's request says a
    # date (CON-17).
    without = {"voucher_given", "pack_reminder", "access_given_back", "mandate_invitation"}
    assert amounts or kind in without or kind.startswith("cancellation_")
    assert all(amount in mail.html for amount in amounts)


def test_the_new_schedule_is_a_table_in_both() -> None:
    mail = write(default_words("contract_changed", "en"), view("contract_changed"), "en")
    assert re.search(r"^5 February 2027 +€47\.00$", mail.text, re.MULTILINE)
    rows = re.findall(r"<tr><td[^>]*>([^<]*)</td><td[^>]*text-align:right[^>]*>([^<]*)</td></tr>", mail.html)
    assert ("5 February 2027", "€47.00") in rows
    assert ("5 March 2027", "€47.00") in rows


def test_a_change_without_instalments_writes_no_empty_table() -> None:
    content = sample("contract_changed")
    assert isinstance(content, contract_changed.Facts)
    bare = content.model_copy(update={"instalments": ()})
    seen = variables(bare, FAMILY)
    assert "Payments to come" not in write(default_words("contract_changed", "en"), seen, "en").text


HOSTILE = "<script>x</script> **b** [a](https://evil.example) | # {{ 7 }}\n# H\n- i\r\nBcc: x@y.z &amp;"


def test_a_value_is_never_markup_nor_html_nor_template() -> None:
    school = SCHOOL.model_copy(update={"name": HOSTILE})
    seen = variables(sample("contract_paid"), school=school)
    words = Words(subject="{{ organisation.name }}", body="{{ organisation.name }}\n| {{ organisation.name }} |")
    check(words, "contract_paid", "en")
    mail = write(words, seen, "en")
    assert "<script" not in mail.html
    assert "evil.example</a>" not in mail.html
    assert "href" not in mail.html
    assert "<strong>" not in mail.html
    assert "<h1" not in mail.html
    assert mail.html.count("<td") == 1
    assert "<script>x</script> **b** [a](https://evil.example) | # {{ 7 }} # H" in mail.text
    assert "&amp;" in mail.text
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject


def test_markup_becomes_text_and_html() -> None:
    mail = written("# Head\none\ntwo **bold**\n- a\n- b\n---\n[site](https://x.example) [bad](javascript:alert)\n")
    assert "Head\n====" in mail.text
    assert "one\ntwo bold" in mail.text
    assert "- a\n- b" in mail.text
    assert "site (https://x.example)" in mail.text
    assert '<a href="https://x.example">site</a>' in mail.html
    assert "one<br>two <strong>bold</strong>" in mail.html
    assert "<li>a</li><li>b</li>" in mail.html
    assert "javascript" not in mail.html


@pytest.mark.parametrize("tag", ["<img src=x onerror=alert(1)>", "<a href='javascript:x'>", "</p><script>"])
def test_staff_cannot_write_html_either(tag: str) -> None:
    mail = written(f"before {tag} after")
    assert tag in mail.text
    assert "<img" not in mail.html
    assert "<script" not in mail.html
    assert "<a " not in mail.html


def refusal_of(body: str, subject: str = "Hi", kind: str = "contract_opened") -> Refusal:
    with pytest.raises(Refusal) as refusal:
        check(Words(subject=subject, body=body), kind, "en")
    assert refusal.value.rule == "NOT-2"
    return refusal.value


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("{{ total ", 1),
        ("a\n{% if total %}\nb", 3),
        ("a\n{% endfor %}", 2),
        ("{% nonsense %}", 1),
        ("{{ total | }}", 1),
    ],
)
def test_a_broken_syntax_is_refused_with_its_line(body: str, line: int) -> None:
    refusal = refusal_of(body)
    assert (refusal.slug, refusal.params["field"]) == ("template-syntax", "body")
    assert refusal.params["line"] in (line, line - 1)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("{{ totle }}", "totle"),
        ("{{ contract.colour }}", "colour"),
        ("{% if balance.refund_due %}{{ never.seen }}{% endif %}", "never"),
        ("{% for i in instalments %}{{ i.colour }}{% endfor %}", "colour"),
        ("{% for i in instalments %}{% endfor %}{{ i.due }}", "i"),
        ("{{ total.minor }}", "minor"),
        ("{{ cancelled }}", "cancelled"),
        ("{{ range }}", "range"),
    ],
)
def test_an_unknown_variable_is_refused_in_every_branch(body: str, name: str) -> None:
    refusal = refusal_of(body)
    assert refusal.slug == "template-unknown-variable"
    assert refusal.params["name"] == name


@pytest.mark.parametrize(
    "body",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ total.__class__ }}",
        "{{ organisation.name.__class__ }}",
        "{{ organisation['name'] }}",
        "{{ organisation.name.upper() }}",
        "{{ range(10) }}",
        "{% for i in range(10**9) %}x{% endfor %}",
        "{{ 'x' * 10**9 }}",
        "{{ 10**10**10 }}",
        "{{ organisation.name|attr('x') }}",
        "{{ organisation.name|center(1000000000) }}",
        "{{ organisation.name|format(1) }}",
        "{% set x = total %}{{ x }}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% block b %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{% call x() %}{% endcall %}",
        "{% with x = 1 %}{% endwith %}",
        "{% for c in organisation.name %}{{ c }}{% endfor %}",
        "{% for a in instalments recursive %}{{ loop(a) }}{% endfor %}",
        "{% for a, b in instalments %}{% endfor %}",
        "{{ instalments }}",
        "{{ contract }}",
        "{{ organisation.name ~ organisation.name }}",
        "{{ total > 3 }}",
        "{{ organisation.name|length }}",
        "{{ instalments|upper }}",
        "{{ 'a' if total }}",
        "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
        "{{ " + "not " * 4_000 + "total }}",
        "{{ " + " and ".join(["total"] * 1_000) + " }}",
        "{{ " + "9" * 6_000 + " }}",
        "{% if total %}" * 100 + "{% endif %}" * 100,
        "{% for a in added %}{% for b in added %}{% for c in added %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in added %}{% endfor %}" * 13,
    ],
)
def test_what_is_not_part_of_the_language_is_refused(body: str) -> None:
    assert refusal_of(body).slug in ("template-unsafe", "template-syntax", "template-unknown-variable")


def test_too_long_empty_or_two_lined_words_are_refused() -> None:
    assert refusal_of("x" * (LONGEST_BODY + 1)).slug == "template-too-long"
    assert refusal_of("x", subject="y" * 400).slug == "template-too-long"
    assert refusal_of(" \n").slug == "template-syntax"
    assert refusal_of("x", subject="a\nb").slug == "template-syntax"
    assert refusal_of("x", subject="{{ nope }}").params["field"] == "subject"


def test_what_the_language_has() -> None:
    body = (
        "{% for i in instalments if not i.held %}"
        "{{ loop.index }}/{{ instalments|length }} {{ i.due|short }} {{ 'x' if loop.last else 'y' }};"
        "{% else %}none{% endfor %}"
        "{% if contract.mode == 'online' and not balance.refund_due %}{{ contract.mode|upper }}"
        "{% elif total %}t{% endif %}"
        "{{ organisation.name|lower|capitalize }}"
    )
    assert "1/3 05/02/2027 y;2/3 05/03/2027 y;3/3 05/04/2027 x;ONLINEÉcole étoile" in written(body).text


def test_output_is_bounded() -> None:
    content = sample("contract_opened")
    lots = content.model_copy(update={"instalments": content.instalments * 200})
    seen = variables(lots)
    body = "{% for a in instalments %}{% for b in instalments %}" + "x" * 100 + "{% endfor %}{% endfor %}"
    with pytest.raises(UnwritableError):
        write(Words(subject="s", body=body), seen, "en")
