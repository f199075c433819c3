"""Cookies that are set beside whatever a request is answered: a page, a redirect, or an error."""

from starlette.requests import Request

COOKIES = "carnet.cookies"


def add_cookie(request: Request, *headers: str) -> None:
    """Set cookies with the answer to this request; ``headers`` are values of Set-Cookie."""
    request.scope.setdefault(COOKIES, []).extend(headers)
