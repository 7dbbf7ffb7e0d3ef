"""What is asked of the issuer of OpenID Connect: JSON by https, of bounded size, from nowhere else."""

import json
from collections.abc import Mapping
from http.client import HTTPException
from ssl import SSLContext
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from services.api.sign_in.attempt import NotAccepted

TIMEOUT_S = 5
MOST_BYTES = 256 * 1024


class IssuerFault(Exception):
    """The issuer does not answer, or not as it must; says what. It is about nobody who signs in."""


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Lead nowhere, so that the redirect is an error."""


def is_https(address: object) -> bool:
    """Say whether something is an https address of a host."""
    try:
        parts = urlsplit(address) if isinstance(address, str) and address.isascii() else None
        return parts is not None and parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        return False


def ask(
    address: str,
    tls: SSLContext,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the JSON object at an https address, to which a form is posted if there is one.

    Raises IssuerFault, and NotAccepted where the issuer refuses the form with the status 400.
    """
    if not is_https(address):
        raise IssuerFault("names an address that is not https")
    body = None if form is None else urlencode(form).encode()
    request = Request(address, body, {"Accept": "application/json", **(headers or {})})  # noqa: S310  https
    opener = build_opener(_NoRedirects(), HTTPSHandler(context=tls))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            content: bytes = answer.read(MOST_BYTES + 1)
    except HTTPError as error:
        error.close()
        if form is not None and error.code == 400:
            raise NotAccepted("the issuer refuses the code") from error
        raise IssuerFault(f"answers with the status {error.code}") from error
    except (OSError, HTTPException) as error:
        raise IssuerFault(f"cannot be reached: {getattr(error, 'reason', None) or error}") from error
    return _object(content)


def _object(content: bytes) -> dict[str, Any]:
    if len(content) > MOST_BYTES:
        raise IssuerFault(f"answers with more than {MOST_BYTES:,} bytes")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise IssuerFault("answers with something else than JSON") from error
    if not isinstance(found, dict):
        raise IssuerFault("answers with something else than a JSON object")
    return found
