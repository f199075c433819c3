"""NOT-5: what a person typed arrives as typed in subject, text and HTML of every template, and breaks no header."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from html.parser import HTMLParser
from typing import Any, cast, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.domain.templates import Words
from notifications.letters import Envelope, Recipient, message_of, written_address
from notifications.mails import KINDS, MAILS, Kind
from notifications.mails.words import default_words
from notifications.templates.check import check
from notifications.templates.render import LONGEST_WRITTEN_SUBJECT, Written, write
from notifications.templates.values import LOCALES, Sum, Term
from tests.unit.notifications.notification_builders import NOW, SCHOOL, sample, variables

PRINTABLE = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
TRICKY = st.sampled_from(
    ["'", '"', "&", "&#x27;", "&copy=", "<b>", "**", "](", "# ", "|", "=?utf-8?q?x?=", "  ", "{{ x }}"]
)
TYPED = st.lists(
    st.one_of(PRINTABLE, TRICKY, st.text(PRINTABLE, min_size=60, max_size=120)), min_size=1, max_size=12
).map("".join)
ANYTHING = st.text(min_size=1, max_size=60)


class Shown(HTMLParser):
    """What a person reads of a page: its words, with a line break for each ``<br>``."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.feed(page)
        self.close()

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        self.words += "\n" if tag == "br" else ""


def with_texts(thing: Any, text: str) -> Any:
    """The view with every text in it replaced; words of the trade, amounts and dates stay."""
    if isinstance(thing, str) and not isinstance(thing, Term):
        return text
    if isinstance(thing, tuple):
        return tuple(with_texts(each, text) for each in thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return replace(thing, **{field.name: with_texts(getattr(thing, field.name), text) for field in fields(thing)})
    return thing


def paths(owner: type, before: str = "") -> Iterator[str]:
    """Every text that a person typed and that is no part of a list."""
    for name, hint in get_type_hints(owner).items():
        if hint is str:
            yield before + name
        elif is_dataclass(hint) and isinstance(hint, type) and hint is not Sum:
            yield from paths(hint, f"{before}{name}.")


def lists(owner: type) -> Iterator[tuple[str, list[str]]]:
    """Every list with the texts of its elements."""
    for name, hint in get_type_hints(owner).items():
        if get_origin(hint) is tuple:
            yield name, list(paths(get_args(hint)[0]))


PLACES = 8
"""In how many places ``everything`` writes a text."""


def everything(kind: Kind) -> str:
    """A template that writes every text of the kind in every place of the markup."""
    lines: list[str] = []
    for path in paths(MAILS[kind].view):
        value = f"{{{{ {path} }}}}"
        lines += [value, "", f"**{value}**", "", f"- {value}", "", f"# {value}", f"[{value}](https://x.example)", ""]
        lines += [f"| {value} | {value} |", "|---|--:|", f"| **{value}** |", ""]
    for name, parts in lists(MAILS[kind].view):
        if parts:
            lines += [
                f"{{% for each in {name} %}}",
                *(f"| {{{{ each.{part} }}}} |" for part in parts),
                "{% endfor %}",
                "",
            ]
    return "\n".join(lines)


def arrived(written: Written, name: str) -> EmailMessage:
    """The mail as it is read at the other end; no line of its head is empty or long."""
    recipient = Recipient(name, written_address("camille@example.org"), "fr", None)
    raw = message_of(written, Envelope("m", recipient, SCHOOL, "no-reply@carnet.example", NOW))
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    message = cast("EmailMessage", message_from_bytes(raw, policy=default))
    assert [address.addr_spec for address in message["To"].addresses] == ["camille@example.org"]
    assert message["Message-ID"] == "<m@carnet.example>"
    assert sorted(part.get_content_type() for part in message.iter_parts()) == ["text/html", "text/plain"]
    assert not [defect for part in message.walk() for defect in part.defects]
    return message


def display_name(message: EmailMessage) -> str:
    """The name in To, read by the older parser: the newer one of some Pythons keeps spaces between encoded words."""
    (raw,) = (value for name, value in message.raw_items() if name == "To")
    name, _ = parseaddr("".join(str(raw).splitlines()))
    return name if name.isascii() and "=?" not in name else str(make_header(decode_header(name)))


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def on_one_line(text: str) -> str:
    """Readers of a header make one space of what separates its encoded words: compared without white space."""
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=10)
@given(typed=TYPED)
def test_not_5_whatever_is_typed_arrives_as_typed(kind: Kind, typed: str) -> None:
    typed = typed.strip() or "x"
    view = with_texts(variables(sample(kind)), typed)
    words = Words(subject="{{ organisation.name }}", body=everything(kind))
    check(words, kind, "fr")
    message = arrived(write(words, view, "fr"), typed)
    subject = typed if len(typed) <= LONGEST_WRITTEN_SUBJECT else typed[: LONGEST_WRITTEN_SUBJECT - 1] + "…"
    assert message["Subject"] == subject
    assert display_name(message) == typed
    text, page = body(message, "plain"), Shown(body(message, "html")).words
    places = PLACES * len(list(paths(MAILS[kind].view))) + sum(
        len(parts) * len(getattr(view, name)) for name, parts in lists(MAILS[kind].view)
    )
    assert text.count(typed) >= places
    assert page.count(typed) >= places


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_not_5_the_default_words_keep_apostrophes_and_signs(kind: Kind, language: str) -> None:
    typed = "L'École de l'Art & <Danse> \"n°1\" * [x](y)"
    school = SCHOOL.model_copy(update={"name": typed})
    seen = with_texts(variables(sample(kind), school=school), typed)
    written = write(default_words(kind, language), seen, language)
    message = arrived(written, typed)
    shown = (str(message["Subject"]), body(message, "plain"), Shown(body(message, "html")).words)
    assert typed in shown[1]
    assert typed in shown[2]
    assert not any("&#" in each or "&amp;" in each or "\\" in each for each in shown)


@settings(deadline=None)
@given(anything=ANYTHING)
def test_not_5_control_characters_become_spaces_and_line_breaks_stay(anything: str) -> None:
    view = with_texts(variables(sample("contract_paid")), anything)
    message = arrived(write(Words(subject="x{{ client.name }}", body="x{{ client.name }}x"), view, "en"), "x")
    broken = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", anything)
    expected = "x" + re.sub("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]+", " ", broken) + "x"
    assert body(message, "plain").strip() == expected.strip()
    assert expected in Shown(body(message, "html")).words
    assert on_one_line(str(message["Subject"])) == on_one_line(expected[:-1])


@pytest.mark.parametrize("length", [1, 60, 61, 160, 400, 998, 2_000])
@pytest.mark.parametrize("letter", ["a", "é", "字", "👩‍👩‍👧", '"', "\\", "(", "=?"])
def test_not_5_a_name_of_any_length_never_breaks_a_header(length: int, letter: str) -> None:
    name = letter * length
    message = arrived(Written(name[:LONGEST_WRITTEN_SUBJECT], "text\n", "<p>html</p>\n"), name)
    assert message["Subject"] == name[:LONGEST_WRITTEN_SUBJECT]
    assert display_name(message) == name
    assert message.keys()[:3] == ["From", "To", "Subject"]


def test_not_5_an_address_in_several_lines_keeps_its_lines() -> None:
    contact = SCHOOL.contact.model_copy(update={"address": "12 rue de l'École\n75011 Paris"})
    seen = variables(sample("contract_paid"), school=SCHOOL.model_copy(update={"contact": contact}))
    written = write(default_words("contract_paid", "fr"), seen, "fr")
    assert "12 rue de l'École\n75011 Paris" in written.text
    assert "12 rue de l'École<br>75011 Paris" in written.html


def test_not_5_what_staff_types_in_a_template_arrives_as_typed_too() -> None:
    source = "R&D &copy; AT&T [x](https://x.example/?a=1&copy=2) it's \"so\" {{ '**' }}"
    seen = variables(sample("contract_paid"))
    written = write(Words(subject=source, body=source), seen, "en")
    assert written.subject == 'R&D &copy; AT&T [x](https://x.example/?a=1&copy=2) it\'s "so" **'
    assert written.text == 'R&D &copy; AT&T x (https://x.example/?a=1&copy=2) it\'s "so" **\n'
    assert 'href="https://x.example/?a=1&amp;copy=2"' in written.html
