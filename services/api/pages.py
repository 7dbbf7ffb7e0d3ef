"""The files of the web tool, read once: what is not among them cannot be asked for."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from services.api.headers import A_YEAR_S, PAGE_POLICY
from services.api.origin import API
from services.api.problems import problem_response

INDEX = "/index.html"
# Their names change with what is in them.
HASHED = "/assets/"
MISSING = "The web tool has not been built. The API is at /api/v1.\n"


class Pages:
    """Serves the files of a folder; a path without a file's ending is the tool's own: the start page."""

    def __init__(self, folder: Path) -> None:
        self._files = _read(folder)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a file, with the start page, or 404."""
        await self._answer(scope["method"], scope["path"])(scope, receive, send)

    def _answer(self, method: str, path: str) -> Response:
        if path.startswith(API):
            return problem_response(404, "There is no such operation.")
        if method not in {"GET", "HEAD"}:
            return problem_response(405, "Pages can only be read.", {"Allow": "GET, HEAD"})
        if path not in self._files and "." not in path.rpartition("/")[2]:
            path = INDEX
        if path in self._files:
            caching = f"public, max-age={A_YEAR_S}, immutable" if path.startswith(HASHED) else "no-cache"
            headers = {"Content-Security-Policy": PAGE_POLICY, "Cache-Control": caching}
            media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
            return Response(self._files[path], 200, headers, media_type)
        if path == INDEX:
            return PlainTextResponse(MISSING, 404)
        return problem_response(404, "There is no such file.")


def _read(folder: Path) -> Mapping[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else ()
    return {f"/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in files}
