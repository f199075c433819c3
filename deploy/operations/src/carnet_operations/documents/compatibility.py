"""Whether the events still read as they were released: types are only ever extended.

Other services build on the events, and records already published are read again for as long
as they are kept. So a released field keeps its name, its type, its limits, its default and
whether it is always there. What may come: a new type, a new optional field, a further value
of an enumeration, a further kind of a tagged part; readers ignore what they do not know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description", "examples", "deprecated", "discriminator"})
_COMPARED = frozenset({"$ref", "type", "enum", "const", "properties", "required", "anyOf", "oneOf"})
_CONTENTS = {"items": "[]", "additionalProperties": "{}"}
"""The keywords that hold the schema of what a list or a mapping contains, and how a sentence names that."""


def incompatible(old_schemas: Mapping[str, Schema], new_schemas: Mapping[str, Schema]) -> list[str]:
    """What in ``new_schemas`` breaks ``old_schemas``, one sentence each; both by type name.

    Empty where every old type is still there and every record and every reader of it stays right.
    """
    problems: list[str] = []
    for name, old in sorted(old_schemas.items()):
        new = new_schemas.get(name)
        if new is None:
            problems.append(f"{name} is gone: a released event type stays, publish the new one beside it")
        else:
            problems += [f"{name}: {problem}" for problem in _compare(_Node(old, old), _Node(new, new), "")]
    return problems


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a schema and the document in which its references are found."""

    schema: Schema
    document: Schema

    def at(self, schema: Schema | bool) -> "_Node":
        # What a mapping holds may be given as true (anything) or false (nothing).
        found: Schema = schema if not isinstance(schema, bool) else {} if schema else {"not": {}}
        while "$ref" in found:
            found = self.document["$defs"][found["$ref"].rsplit("/", 1)[1]]
        return _Node(found, self.document)

    @property
    def fields(self) -> Mapping[str, Schema]:
        fields: Mapping[str, Schema] = self.schema.get("properties", {})
        return fields

    @property
    def required(self) -> frozenset[str]:
        return frozenset(self.schema.get("required", ()))

    @property
    def values(self) -> list[Any] | None:
        """The values of an enumeration; None if any value of the type is allowed."""
        if "const" in self.schema:
            return [self.schema["const"]]
        values: list[Any] | None = self.schema.get("enum")
        return values

    @property
    def is_union(self) -> bool:
        return "anyOf" in self.schema or "oneOf" in self.schema

    def alternatives(self) -> dict[str, "_Node"]:
        """The alternatives of a union by their discriminator; a plain schema is its only alternative."""
        parts = self.schema.get("oneOf") or self.schema.get("anyOf") or [self.schema]
        tag = self.schema.get("discriminator", {}).get("propertyName")
        return {_distinguished_by(node.schema, tag): node for node in map(self.at, parts)}


def _distinguished_by(schema: Schema, tag: str | None) -> str:
    if tag is not None:
        return f"{tag} {schema['properties'][tag]['const']}"
    return str(schema.get("type", "anything"))


def _compare(old: _Node, new: _Node, where: str) -> Iterator[str]:
    old, new = old.at(old.schema), new.at(new.schema)
    if old.is_union or new.is_union:
        yield from _compare_unions(old, new, where)
        return
    what = where or "the body"
    if old.schema.get("type") != new.schema.get("type"):
        yield f"{what} was {old.schema.get('type')} and is now {new.schema.get('type')}"
        return
    yield from _compare_values(old, new, what)
    yield from _compare_rest(old, new, what)
    yield from _compare_fields(old, new, where)
    for keyword, sign in _CONTENTS.items():
        if keyword in old.schema and keyword in new.schema:
            yield from _compare(
                _Node(old.schema[keyword], old.document), _Node(new.schema[keyword], new.document), where + sign
            )
        elif keyword in old.schema or keyword in new.schema:
            yield f"{what} had {_as_text(keyword, old.schema)} and now has {_as_text(keyword, new.schema)}"


def _compare_unions(old: _Node, new: _Node, where: str) -> Iterator[str]:
    before, after = old.alternatives(), new.alternatives()
    tagged = "discriminator" in old.schema and "discriminator" in new.schema
    for key, alternative in before.items():
        if key in after:
            yield from _compare(alternative, after[key], f"{where}<{key}>" if tagged else where)
        else:
            yield f"{where or 'the body'} can no longer be {key}"
    for key in after.keys() - before.keys():
        if not tagged:
            yield f"{where or 'the body'} may now be {key}, which readers of it do not expect"


def _compare_values(old: _Node, new: _Node, what: str) -> Iterator[str]:
    before, after = old.values, new.values
    if before is None and after is not None:
        yield f"{what} took any {old.schema.get('type')} and now only {', '.join(map(str, after))}"
    gone = [value for value in before or () if value not in (after or ())]
    if gone:
        yield f"{what} can no longer be {', '.join(map(str, gone))}"


def _compare_rest(old: _Node, new: _Node, what: str) -> Iterator[str]:
    """Limits, formats, defaults and whatever else binds: the same, in both directions.

    A narrower limit refuses records that are already published, a wider one surprises readers
    who check the released one.
    """
    binding = (old.schema.keys() | new.schema.keys()) - _ANNOTATIONS - _COMPARED - _CONTENTS.keys()
    for keyword in sorted(binding):
        before, after = _as_text(keyword, old.schema), _as_text(keyword, new.schema)
        if before != after:
            yield f"{what} had {before} and now has {after}"


def _as_text(keyword: str, schema: Schema) -> str:
    return f"{keyword} {schema[keyword]}" if keyword in schema else f"no {keyword}"


def _compare_fields(old: _Node, new: _Node, where: str) -> Iterator[str]:
    prefix = f"{where}." if where else ""
    for name, field in old.fields.items():
        what = prefix + name
        if name not in new.fields:
            yield f"{what} is gone: a released field is never removed or renamed, add another beside it"
            continue
        if name in old.required and name not in new.required:
            yield f"{what} was always there and may now be missing"
        if name in new.required and name not in old.required:
            yield f"{what} is now required, but records already published lack it"
        yield from _compare(_Node(field, old.document), _Node(new.fields[name], new.document), what)
    for name in new.fields.keys() - old.fields.keys():
        if name in new.required:
            yield f"{prefix}{name} is new and must be optional: records already published lack it"
