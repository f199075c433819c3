"""`carnet token`."""

import re
from datetime import timedelta
from typing import Annotated

import typer

from carnet_operations.home import SECRETS, carnet_home
from carnet_operations.secrets import make_secrets
from carnet_operations.terminal import faults_shown
from carnet_operations.tokens import SCOPES, TEST_ORGANISATION, TEST_STAFF, Kind, make_token

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}

Scopes = Annotated[str, typer.Option(help="What it allows: contracts:read,payments:collect; or all.")]
Org = Annotated[str, typer.Option(help="The organisation whose things it opens.")]
Account = Annotated[str | None, typer.Option(help="The account that a client's token is bound to.")]
OfKind = Annotated[Kind, typer.Option(help="Who acts.")]
Subject = Annotated[str, typer.Option(help="The id under which the journal shows who acted.")]
Expires = Annotated[str, typer.Option(help="How long it is good: 30m, 12h, 7d.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(token)


def token(  # noqa: PLR0917 # each is an option of the command
    scopes: Scopes = "all",
    org: Org = TEST_ORGANISATION,
    account: Account = None,
    kind: OfKind = "user",
    subject: Subject = TEST_STAFF,
    expires: Expires = "12h",
) -> None:
    """Print a token, signed with the suite's own key; no other suite takes it."""
    named = SCOPES if scopes == "all" else tuple(scope for scope in re.split(r"[,\s]+", scopes) if scope)
    with faults_shown():
        made = make_token(
            make_secrets(carnet_home() / SECRETS).keys.private,
            organisation=org,
            scopes=named,
            subject=subject,
            kind=kind,
            account=account,
            expires=duration(expires),
        )
    typer.echo(made)


def duration(text: str) -> timedelta:
    """What `30m`, `12h` or `7d` means."""
    if (match := re.fullmatch(r"(\d{1,6})([mhd])", text)) is None:
        raise typer.BadParameter("write a number and m, h or d: 30m, 12h, 7d", param_hint="--expires")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
