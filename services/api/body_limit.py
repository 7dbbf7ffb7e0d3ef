"""How much a request may send: what is larger is refused before a byte of it is read."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api.problems import problem_response

MOST_BODY_BYTES = 64 * 1024


class BodyLimit:
    """Refuses requests with a larger body, or one whose length is not told."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 411 or 413, else let it pass: the server holds a body to the length it was given."""
        refused = None
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            length = headers.get("content-length", "0")
            if "transfer-encoding" in headers:
                refused = problem_response(411, "Send the length of the body.")
            elif not length.isdecimal() or int(length) > MOST_BODY_BYTES:
                refused = problem_response(413, f"A body may have {MOST_BODY_BYTES:,} bytes.")
        await (refused or self._application)(scope, receive, send)
