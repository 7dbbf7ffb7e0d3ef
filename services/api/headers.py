"""The headers of every answer that tell a browser what it must not do with it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOTHING_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# Of which an answer may have its own.
OWN = frozenset({"Content-Security-Policy", "Cache-Control"})
A_YEAR_S = 31_536_000


def strict_headers(*, is_secure: bool) -> dict[str, str]:
    """Return the headers of an answer that is no page; `is_secure`: browsers come by https alone."""
    transport = {"Strict-Transport-Security": f"max-age={A_YEAR_S}"} if is_secure else {}
    return {**EVERYWHERE, **transport, "Content-Security-Policy": NOTHING_POLICY, "Cache-Control": "no-store"}


class StrictHeaders:
    """Adds them to every answer; one that names a policy or a caching of its own keeps those.

    is_secure  whether browsers come by https alone
    """

    def __init__(self, application: ASGIApp, *, is_secure: bool) -> None:
        self._application = application
        self._headers = strict_headers(is_secure=is_secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; add to the start of an answer."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    if name in OWN:
                        headers.setdefault(name, value)
                    else:
                        headers[name] = value
            await send(message)

        await self._application(scope, receive, with_headers)
