"""The bank over HTTP: a page to hand it a file, and the same for programs."""

import tomllib
from datetime import date
from importlib.resources import files
from string import Template
from typing import Annotated, Literal

from fastapi import APIRouter, Header, HTTPException, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse

from carnet_sandbox.bank.answers import CASES, Kind, What, answers_to
from carnet_sandbox.bank.orders import NoOrderError, read_order

LARGEST_FILE = 2 * 1024 * 1024

Language = Literal["fr", "en"]

_FILES = files(__package__)
_TEXTS = {
    language: tomllib.loads(_FILES.joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    for language in ("fr", "en")
}
_PAGE = Template(_FILES.joinpath("page.html").read_text(encoding="utf-8"))

routes = APIRouter(tags=["bank"])


class BankAnswerView(BaseModel):
    """A file by which the bank answers."""

    name: str
    on: date = Field(description="The day on which the bank has it.")
    kind: Kind
    says: str = Field(description="What it says, in the language asked for.")
    content: str = Field(description="The file.")


LanguageAsked = Annotated[Language, Query(description="The language of what is said.")]


@routes.post("/bank/files", openapi_extra={"requestBody": {"content": {"application/xml": {}}, "required": True}})
async def hand_in(request: Request, language: LanguageAsked = "en") -> list[BankAnswerView]:
    """Hand in debits (pain.008) or transfers (pain.001): the bank's answers, in its order. It keeps nothing."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > LARGEST_FILE:
            raise HTTPException(413, _TEXTS[language]["large"])
    try:
        order = read_order(bytes(content))
    except NoOrderError as error:
        raise HTTPException(422, f"{_TEXTS[language]['wrong']} ({error})") from None
    says: dict[What, str] = _TEXTS[language]["says"]
    return [
        BankAnswerView(name=each.name, on=each.on, kind=each.kind, says=says[each.what], content=each.content.decode())
        for each in answers_to(order)
    ]


@routes.get("/bank", response_class=HTMLResponse)
async def show_bank(accept_language: Annotated[str, Header(max_length=200)] = "") -> HTMLResponse:
    """A page to hand a remittance to the bank, in French or English."""
    language: Language = "fr" if accept_language.lower().startswith("fr") else "en"
    texts: dict[str, str] = {name: text for name, text in _TEXTS[language].items() if isinstance(text, str)}
    described = _TEXTS[language]["cases"]
    rows = "".join(
        f"<tr><td><code>{iban}</code></td><td>{case.code}</td><td>{described[case.what]}</td></tr>"
        for iban, case in CASES.items()
    )
    return HTMLResponse(_PAGE.substitute(texts, language=language, rows=rows))
