"""The start page of the front address: where each service's documents are."""

from collections.abc import Iterable
from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Carnet</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #222 }}
  table {{ border-collapse: collapse; width: 100% }}
  th, td {{ text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #ddd }}
  code {{ background: #f4f4f4; padding: .1rem .3rem }}
</style>
<h1>Carnet</h1>
<p>Each service answers below its own prefix. Every request but these pages carries a token:
<code>Authorization: Bearer ...</code>; <code>carnet token</code> makes one for the local suite.</p>
<table>
<tr><th>service</th><th>its part</th><th>try it</th><th>OpenAPI</th><th>health</th></tr>
{rows}
</table>
</html>
"""
_ROW = (
    "<tr><td><code>/{name}</code></td><td>{part}</td>"
    '<td><a href="/{name}/docs">docs</a></td>'
    '<td><a href="/{name}/openapi.json">openapi.json</a></td>'
    '<td><a href="/{name}/health/ready">ready</a></td></tr>'
)
_PARTS = {
    "catalog": "what an organisation sells",
    "contracts": "accounts and contracts",
    "payments": "payment schedules and payments",
    "credits": "client credits",
    "notifications": "emails and their templates",
}


def start_page(services: Iterable[str]) -> str:
    """The page as HTML, with a row per service."""
    rows = (_ROW.format(name=escape(name), part=escape(_PARTS.get(name, ""))) for name in services)
    return _PAGE.format(rows="\n".join(rows))
