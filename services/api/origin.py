"""Whether a request comes from our own pages: what keeps other sites from acting in a signed-in browser.

A cookie that is SameSite=Strict is not sent by other sites' pages; this holds where a browser, a proxy or
another program on the same host gets that wrong. Names of the host that we do not have are refused, which
keeps a page whose host name was pointed here from reading us.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from services.api.origins import Origin
from services.api.problems import problem_response

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
API = "/api/"
# From the first a browser is sent to the issuer of OpenID Connect, and it comes back to the second: the one
# address that another site may lead to. It does nothing without what the browser was given when it left.
DEPARTURE = "/api/v1/sign-in/oidc"
ARRIVAL = f"{DEPARTURE}/callback"


class OwnOrigin:
    """Refuses what does not come from one of `origins`, such as http://127.0.0.1:8080."""

    def __init__(self, application: ASGIApp, origins: frozenset[str]) -> None:
        self._application = application
        self._origins = {origin for each in origins if (origin := Origin.of(each)) is not None}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 for another host's name, 403 for another site's request, else let it pass."""
        if scope["type"] not in {"http", "websocket"}:
            await self._application(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = scope["path"]
        refused = None
        if len(headers.getlist("host")) > 1:
            # Whoever is before us may go by the other one.
            refused = problem_response(400, "Name one host.")
        elif path.startswith(API) and not self._is_called(headers.get("host", "")):
            refused = problem_response(400, "This server does not go by that host name.")
        elif path.startswith(API) and not self._is_ours(scope, headers):
            refused = problem_response(403, "The request does not come from this server's own pages.")
        await (refused or self._application)(scope, receive, send)

    def _is_called(self, host: str) -> bool:
        return any(Origin.of(f"{each.scheme}://{host}") == each for each in self._origins)

    def _is_ours(self, scope: Scope, headers: Headers) -> bool:
        if _is_arrival(scope, headers):
            return True
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site not in {None, "same-origin", "none"} or (
            origin is not None and Origin.of(origin) not in self._origins
        ):
            return False
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE
        return not changes or origin is not None


def _is_arrival(scope: Scope, headers: Headers) -> bool:
    """Say whether a person is led here in a tab of the browser, and not a script or a frame."""
    led = (headers.get("sec-fetch-mode", "navigate"), headers.get("sec-fetch-dest", "document"))
    return (
        scope["type"] == "http"
        and (scope["method"], scope["path"]) == ("GET", ARRIVAL)
        and led == ("navigate", "document")
    )
