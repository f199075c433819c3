"""``/docs``: the API to read and try in a browser, from files that come with it and not from somebody's CDN."""

from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

_FOLDER = Path(str(files("fastapi_offline"))) / "static"
_SCRIPT, _STYLE, _ICON = "swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"


def explorer_routes(api: FastAPI) -> list[Route]:
    """The page of ``api`` and the files that it loads, under whatever path the front shows them."""

    async def page(request: Request) -> Response:
        root = request.scope.get("root_path", "")
        return get_swagger_ui_html(
            openapi_url=f"{root}{api.openapi_url}",
            title=api.title,
            swagger_js_url=f"{root}/docs/{_SCRIPT}",
            swagger_css_url=f"{root}/docs/{_STYLE}",
            swagger_favicon_url=f"{root}/docs/{_ICON}",
        )

    return [Route("/docs", page, methods=["GET"]), *(_file(name) for name in (_SCRIPT, _STYLE, _ICON))]


def _file(name: str) -> Route:
    async def send(_: Request) -> Response:
        return FileResponse(_FOLDER / name, headers={"Cache-Control": "public, max-age=86400"})

    return Route(f"/docs/{name}", send, methods=["GET"])
