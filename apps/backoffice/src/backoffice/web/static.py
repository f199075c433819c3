"""The files of ``static``: kept by browsers for a year, since their address changes with their content."""

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Assets(StaticFiles):
    """Style, script and icon."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, with how long it is kept."""
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
