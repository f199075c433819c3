"""Checks a template before it is saved: every branch, against the types of its variables (NOT-2)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, get_args, get_origin, get_type_hints

from jinja2 import TemplateSyntaxError, nodes

from carnet import refusals
from carnet.events.catalog import Language
from carnet.refusals import Refusal
from notifications.domain.templates import Words
from notifications.mails import MAILS, Kind
from notifications.templates.language import FILTERS, environment
from notifications.templates.values import Sum, Term, surely

LONGEST_SUBJECT = 300
"""Characters that the source of a subject may have."""
LONGEST_BODY = 20_000
"""Characters that the source of a body may have."""
MOST_LOOPS = 12
DEEPEST_LOOP = 2
DEEPEST = 12

_SCALARS = (str, int, bool, date, Sum, Term)


@dataclass(frozen=True, slots=True)
class Loop:
    """The variables of the loop that a template is in."""

    first: bool
    last: bool
    index: int


Scope = Mapping[str, Any]


def check(words: Words, kind: Kind, language: Language) -> None:
    """Refuse words that are too long, don't parse, or use something unknown or not allowed.

    Raises ``template-too-long``, ``template-syntax``, ``template-unknown-variable`` or
    ``template-unsafe``, each naming the field (``subject`` or ``body``) and the line.
    """
    _Reader("subject", kind, language, LONGEST_SUBJECT).read(words.subject)
    if "\n" in words.subject.strip():
        raise refusals.invalid(
            "template-syntax", "A subject is one line. Put it on one line.", rule="NOT-2", field="subject", line=2
        )
    _Reader("body", kind, language, LONGEST_BODY).read(words.body)


class _Reader:
    """Reads one source node by node; a node without a method here is not part of the language."""

    def __init__(self, field: str, kind: Kind, language: Language, longest: int) -> None:
        self.field = field
        self.kind = kind
        self.language = language
        self.longest = longest
        self.loops = 0

    def read(self, source: str) -> None:
        """Refuse the source if it is not valid."""
        if not source.strip():
            raise self.refusal("syntax", f"The {self.field} is empty. Write something in it.", 1)
        if len(source) > self.longest:
            raise self.refusal("too-long", f"The {self.field} may have {self.longest} characters. Shorten it.", 1)
        jinja = environment(self.language)
        try:
            parsed = jinja.parse(source)
        except TemplateSyntaxError as error:
            raise self.refusal("syntax", f"{error.message} Correct it there.", error.lineno) from error
        except (RecursionError, ValueError) as error:
            detail = "The template is nested too deeply, or has a number too long to read. Make it simpler."
            raise self.refusal("unsafe", detail, 1) from error
        self.body(parsed.body, get_type_hints(MAILS[self.kind].view), loops=0, depth=0)
        jinja.from_string(source)

    def body(self, body: list[nodes.Node], scope: Scope, *, loops: int, depth: int) -> None:
        """Check the statements of a block."""
        for node in body:
            self.statement(node, scope, loops=loops, depth=depth + 1)

    def statement(self, node: nodes.Node, scope: Scope, *, loops: int, depth: int) -> None:
        """Check a statement: words and values, ``if`` or ``for``."""
        if depth > DEEPEST:
            raise self.refusal("unsafe", "The template is nested too deeply. Make it simpler.", node.lineno)
        match node:
            case nodes.Output():
                for part in node.nodes:
                    self.written(part, scope)
            case nodes.If():
                self.value(node.test, scope)
                self.body(node.body, scope, loops=loops, depth=depth)
                self.body(list(node.elif_), scope, loops=loops, depth=depth)
                self.body(node.else_, scope, loops=loops, depth=depth)
            case nodes.For():
                self.loop(node, scope, loops=loops + 1, depth=depth)
            case _:
                raise self.not_allowed(node)

    def loop(self, node: nodes.For, scope: Scope, *, loops: int, depth: int) -> None:
        """Check a loop: over a list, not too deep, not too many."""
        self.loops += 1
        if loops > DEEPEST_LOOP or self.loops > MOST_LOOPS:
            detail = f"At most {MOST_LOOPS} loops, {DEEPEST_LOOP} inside each other. Use fewer."
            raise self.refusal("unsafe", detail, node.lineno)
        if node.recursive or not isinstance(node.target, nodes.Name):
            raise self.not_allowed(node)
        listed = self.value(node.iter, scope)
        if get_origin(listed) is not tuple:
            detail = "Only a list can be gone through, such as instalments. Use one of those."
            raise self.refusal("unsafe", detail, node.lineno)
        inner = {**scope, node.target.name: get_args(listed)[0], "loop": Loop}
        if node.test is not None:
            self.value(node.test, inner)
        self.body(node.body, inner, loops=loops, depth=depth)
        self.body(node.else_, scope, loops=loops, depth=depth)

    def written(self, node: nodes.Node, scope: Scope) -> None:
        """Check a value that is written: not a list, nor a thing with parts."""
        found = self.value(node, scope)
        if found not in _SCALARS:
            parts = ", ".join(field.name for field in fields(found)) if is_dataclass(found) else "its elements"
            detail = f"This cannot be written as a whole. Write one of its parts: {parts}."
            raise self.refusal("unsafe", detail, node.lineno)

    def value(self, node: nodes.Node, scope: Scope, depth: int = 0) -> Any:
        """The type of an expression, checked all the way down."""
        if depth > DEEPEST:
            raise self.refusal("unsafe", "The expression is nested too deeply. Make it simpler.", node.lineno)
        match node:
            case nodes.TemplateData():
                return str
            case nodes.Const() if isinstance(node.value, str | int):
                return type(node.value)
            case nodes.Name():
                return self.named(node.name, scope, node)
            case nodes.Getattr():
                return self.part(node, self.value(node.node, scope, depth + 1))
            case nodes.Filter():
                return self.filtered(node, scope, depth)
            case _:
                return self.logical(node, scope, depth)

    def logical(self, node: nodes.Node, scope: Scope, depth: int) -> Any:
        """The type of what ``if``, ``and``, ``or``, ``not``, ``==`` and ``!=`` are made of."""
        match node:
            case nodes.Not():
                self.value(node.node, scope, depth + 1)
                return bool
            case nodes.And() | nodes.Or():
                self.value(node.left, scope, depth + 1)
                self.value(node.right, scope, depth + 1)
                return bool
            case nodes.CondExpr(expr2=otherwise) if otherwise is not None:
                self.value(node.test, scope, depth + 1)
                self.value(otherwise, scope, depth + 1)
                return self.value(node.expr1, scope, depth + 1)
            case nodes.Compare() if all(operand.op in ("eq", "ne") for operand in node.ops):
                self.value(node.expr, scope, depth + 1)
                for operand in node.ops:
                    self.value(operand.expr, scope, depth + 1)
                return bool
            case _:
                raise self.not_allowed(node)

    def filtered(self, node: nodes.Filter, scope: Scope, depth: int) -> Any:
        """The type of a filtered value."""
        plain = not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
        if node.name not in FILTERS or not plain or node.node is None:
            detail = f"There is no filter {node.name} like that. There are: {', '.join(FILTERS)}."
            raise self.refusal("unsafe", detail, node.lineno)
        found = self.value(node.node, scope, depth + 1)
        counts = node.name == "length"
        if counts != (get_origin(found) is tuple) or (not counts and found not in _SCALARS):
            detail = f"{node.name} does not apply to this: length counts lists, the others write values."
            raise self.refusal("unsafe", detail, node.lineno)
        return int if counts else str

    def named(self, name: str, scope: Scope, node: nodes.Node) -> Any:
        """The type of a variable or part of that name."""
        if name.startswith("_"):
            raise self.not_allowed(node)
        if name not in scope:
            detail = f"There is no {name} here. There are: {', '.join(sorted(scope))}."
            raise self.refusal("unknown-variable", detail, node.lineno, name=name)
        return surely(scope[name])

    def part(self, node: nodes.Getattr, owner: Any) -> Any:
        """The type of a part of something."""
        if not is_dataclass(owner) or owner is Sum:
            if node.attr.startswith("_"):
                raise self.not_allowed(node)
            raise self.refusal("unknown-variable", f"This has no part {node.attr}.", node.lineno, name=node.attr)
        return self.named(node.attr, get_type_hints(owner), node)

    def not_allowed(self, node: nodes.Node) -> Refusal:
        """The refusal of something that is not part of the language."""
        detail = "This is not allowed here. Use values, their parts, filters, if and for."
        return self.refusal("unsafe", detail, node.lineno)

    def refusal(self, slug: str, detail: str, line: int, **params: Any) -> Refusal:
        """The refusal that names the field and the line."""
        return refusals.invalid(
            f"template-{slug}",
            f"{self.field}, line {line}: {detail}",
            rule="NOT-2",
            field=self.field,
            line=line,
            **params,
        )
