"""What client developers read beside the OpenAPI documents: every problem type, and who may do what."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from carnet_operations.documents.refused import KIT, Problem, problems

METHODS = ("get", "post", "put", "delete")
MOST_SENTENCES = 3


STATUSES: Mapping[int, tuple[str, str]] = {
    400: ("the request can't be read, or lacks a header", "correct it"),
    401: ("the token is missing or not accepted", "get another token"),
    403: ("the token does not allow it", "see [who may do what](rights.md)"),
    404: ("there is no such thing in this organisation", "check the id; `not-here-yet`: try again"),
    405: ("the address takes other methods", "use one that `Allow` names"),
    408: ("it came too slowly; nothing has changed", "send it again"),
    409: ("the state of things forbids it", "do first what `detail` says"),
    410: ("it was applied, and its answer has been erased", "read what it changed"),
    412: ("the version seen is no longer the newest: every `...-moved`", "read it again and decide again"),
    413: ("the body is too large", "send less at a time"),
    422: ("a field or a rule refuses what is sent", "change it"),
    428: ("If-Match is missing", "send it"),
    429: ("too much was tried", "try again after `Retry-After`"),
    500: ("a fault of the service", "quote `request` when asking for help"),
    503: ("something does not answer; nothing has changed", "send it again after `Retry-After`"),
    504: ("a service did not answer in time, and may have applied it", "send it again with the same key"),
}
"""What each status means, and what a client does."""

_STYLE = """\
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem }
  body { margin: 3rem auto; padding: 0 1rem; color: #222 }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #ddd; vertical-align: top }
  h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; scroll-margin-top: 1rem }
  h2 a { color: inherit; text-decoration: none }
  h2:target { background: #fff3c4 }
  code { background: #f4f4f4; padding: .1rem .3rem }
  blockquote { margin: .5rem 0; padding-left: 1rem; border-left: 3px solid #ddd }"""


def problem_types(services: tuple[str, ...]) -> str:
    """``integration/problems.md``."""
    found = problems(services)
    lines = [
        "# Problem types",
        "",
        "Made from the code by `carnet docs`. A refusal is a problem document whose `type` is",
        "`urn:carnet:problem:<slug>`: the part behind the last colon is a heading here. Its `help`, which is also in",
        "the header `Link`, leads to the same text at the front address: `/problems#<slug>`. Types stay and new ones",
        "are added, so treat one that you do not know by its status. `{name}` in a sentence is a value.",
        "How a client goes on depends on the status:",
        "",
        "| status | what it means | what to do |",
        "|---|---|---|",
        *(f"| {status} | {meaning} | {advice} |" for status, (meaning, advice) in STATUSES.items()),
    ]
    for problem in found:
        lines += ["", f"## {problem.slug}", "", _facts(problem)]
        lines += [line for detail in list(problem.details)[:MOST_SENTENCES] for line in ("", f"> {detail}")]
    return "\n".join(lines) + "\n"


def problem_page(services: tuple[str, ...]) -> str:
    """The same as a page of the front: ``deploy/front/problems.html``, with each slug as an anchor."""
    lines = [
        "<!doctype html>",
        "<!-- Made from the code by `carnet docs`. -->",
        '<html lang="en">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>Carnet: problem types</title>",
        f"<style>\n{_STYLE}\n</style>",
        "<h1>Problem types</h1>",
        "<p>A refusal is a problem document whose <code>type</code> ends with one of the names below. Treat one that",
        "you do not know by its status. <code>{name}</code> in a sentence is a value.</p>",
        "<table>",
        "<tr><th>status</th><th>what it means</th><th>what to do</th></tr>",
    ]
    for status, (meaning, advice) in STATUSES.items():
        lines.append(f"<tr><td>{status}</td><td>{_html(meaning)}</td><td>{_html(advice)}</td></tr>")
    lines.append("</table>")
    for problem in problems(services):
        lines.append(f'<h2 id="{problem.slug}"><a href="#{problem.slug}">{problem.slug}</a></h2>')
        lines.append(f"<p>{_html(_facts(problem))}</p>")
        lines += [f"<p>{status}: {_html('; '.join(STATUSES[status]))}.</p>" for status in sorted(problem.statuses)]
        lines += [f"<blockquote>{_html(detail)}</blockquote>" for detail in list(problem.details)[:MOST_SENTENCES]]
    return "\n".join([*lines, "</html>"]) + "\n"


def _html(text: str) -> str:
    """A sentence of these documents as HTML: its code as code, its links as their words."""
    linked = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(linked, quote=False))


def _facts(problem: Problem) -> str:
    services = ", ".join(sorted(problem.services - {KIT}) if KIT not in problem.services else ["every service"])
    if KIT in problem.services and "front" in problem.services:
        services += ", front"
    facts = [" or ".join(str(status) for status in sorted(problem.statuses)), *sorted(problem.rules), services]
    if problem.params:
        facts.append("params " + ", ".join(f"`{name}`" for name in problem.params))
    return " · ".join(facts)


def rights(documents: Mapping[str, Mapping[str, Any]]) -> str:
    """``integration/rights.md``, from the OpenAPI documents by service."""
    lines = [
        "# Who may do what",
        "",
        "Made from the code by `carnet docs`. A token carries scopes, denied by default (ORG-2). *Staff*",
        "acts for the organisation: its users, other services, and platform support, whose token is made for that",
        "organisation (ORG-3). A *client* sees and changes what belongs to its own account, and what everybody may",
        "see, where the table says so; everything else is answered by 403 `staff-only`, and another account's things",
        "as unknown ones.",
    ]
    for service, document in documents.items():
        lines += ["", f"## {service}", "", "| operation | | scope | client |", "|---|---|---|---|"]
        lines += [_row(method, path, operation) for method, path, operation in _operations(document)]
    lines += [
        "",
        "`payments:correct` is the role of platform support: where an operation takes it or `payments:collect`, a",
        "contract paid online takes the first and one paid on site the second (ORG-3).",
    ]
    return "\n".join(lines) + "\n"


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def _row(method: str, path: str, operation: Mapping[str, Any]) -> str:
    if "security" not in operation:
        scopes, client = "none: the provider, by its signature", "no"
    else:
        names = sorted({scope for each in operation["security"] for scope in each["token"]})
        scopes = " or ".join(f"`{name}`" for name in names) or "any token"
        client = "yes" if operation["x-clients"] else "no"
    return f"| `{operation['operationId']}` | {method} `{path}` | {scopes} | {client} |"
