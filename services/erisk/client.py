"""The shared task's server as a team sees it: rounds asked for, answers handed in.

What goes wrong is told without the token, which is a part of every address.
"""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from catenae import ConfigError, TransientError
from services.erisk.protocol import Answer, Form

TOKEN_VARIABLE = "ERISK_TOKEN"  # noqa: S105  its name
# A round of two thousand whole threads is some ten megabytes.
_MOST_BYTES = 256 * 1024 * 1024


class NotAnswered(TransientError):
    """The server cannot be reached, or says that it is its own fault."""


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Lead nowhere: the token would go along."""


class Client:
    """Asks for rounds and hands in answers. Raises NotAnswered, and ConfigError for what no time will mend.

    server     address up to the name of the task, such as http://127.0.0.1:8600/challenge-service
    longest_s  how long to wait for the server to connect, and for each part of its answer
    """

    def __init__(self, server: str, token: str, form: Form, longest_s: float = 60.0) -> None:
        self._server = _checked(server).rstrip("/")
        if not token:
            raise ConfigError(
                f"no token of a team. Put it into {TOKEN_VARIABLE}, or a file's name into ..._FILE"
            )
        self._token = quote(token, safe="")
        self._form = form
        self._longest_s = longest_s
        self._opener = build_opener(_NoRedirects())

    def round(self) -> Sequence[Mapping[str, Any]]:
        """Return the round to be answered; nothing once there is none."""
        found = self._asked(f"{self._form}/{self._token}")
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise ConfigError(
                "the server gives something else than a list of texts. Correct the option 'server'"
            )
        return found

    def submit(self, run: int, answers: Sequence[Answer]) -> None:
        """Hand in what a run says of every user; it may do so again until the next is asked for."""
        self._asked(f"submit/{self._token}/{run}", json.dumps(list(answers)).encode())

    def _asked(self, path: str, body: bytes | None = None) -> Any:
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        request = Request(f"{self._server}/{path}", body, headers)  # noqa: S310  http or https, checked
        try:
            with self._opener.open(request, timeout=self._longest_s) as answer:
                content: bytes = answer.read(_MOST_BYTES + 1)
        except HTTPError as error:
            error.close()
            status = error.code
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
                raise NotAnswered(f"the server answers with the status {status}") from None
            raise ConfigError(
                f"the server refuses with the status {status}. Check token, runs and the option 'form'"
            ) from None
        except (OSError, HTTPException) as error:
            raise NotAnswered(f"the server cannot be reached: {type(error).__name__}") from None
        return _decoded(content) if body is None else None


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        # Cut short, or a page of something in between.
        raise NotAnswered("the server answers with something else than JSON") from None


def _checked(server: str) -> str:
    try:
        parts = urlsplit(server)
        is_fine = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_fine = False
    if not is_fine or "@" in server:
        raise ConfigError("option 'server' is no http address of the shared task, up to the name of the task")
    return server
