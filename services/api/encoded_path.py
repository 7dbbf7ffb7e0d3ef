"""Paths as they were sent: a name in one may hold a slash, which the server would else take for its own."""

from typing import Annotated
from urllib.parse import unquote

from pydantic import BeforeValidator
from starlette.types import ASGIApp, Receive, Scope, Send

# A part of a path, decoded only once it is known to be one.
Decoded = Annotated[str, BeforeValidator(unquote)]


class EncodedPath:
    """Has operations found by the path as it was sent, so that `a%2Fb` is one part of it; see `Decoded`."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with the encoded path, where the server tells it."""
        if scope.get("raw_path"):
            scope = {**scope, "path": scope["raw_path"].decode("latin-1")}
        await self._application(scope, receive, send)
