"""The one place where requests leave for Reddit: each takes a turn first, and tells the budget how it went.

PRAW has retries and pauses of its own, made for one process: it logs what it asks for, user names included,
and sleeps where nothing else can go on. So it sees neither failures nor the headers of the rate limit.
"""

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from prawcore import RequestException
from prawcore.requestor import Requestor
from requests import Response

from services.reddit.errors import RedditUnavailable
from services.reddit.rate_budget import RateBudget

_LIMIT_HEADERS = ("x-ratelimit-remaining", "x-ratelimit-reset", "x-ratelimit-used")

# They write addresses, and a user's name is part of one.
for _name in ("praw", "prawcore", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class BudgetedRequestor(Requestor):
    """PRAW's way to the network, with the budget in between. Raises `OutOfBudget` and `RedditUnavailable`.

    longest_s  how long to wait for the server to connect, and for each part of its answer
    """

    def __init__(self, *, budget: RateBudget, longest_s: float, **kwargs: Any) -> None:
        super().__init__(timeout=longest_s, **kwargs)
        self._budget = budget
        self._longest_s = longest_s

    def request(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> Response:  # noqa: ARG002  ours
        self._budget.take()
        try:
            response = super().request(*args, timeout=self._longest_s, **kwargs)
        except RequestException as error:
            self._budget.failed()
            # Its text and its arguments hold the address and the credentials.
            raise RedditUnavailable(f"no answer: {type(error.original_exception).__name__}") from None
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._budget.failed(_seconds(response.headers, "retry-after"))
            raise RedditUnavailable(f"answered with status {status}")
        self._budget.answered(*(_seconds(response.headers, name) for name in _LIMIT_HEADERS[:2]))
        for name in _LIMIT_HEADERS:
            response.headers.pop(name, None)
        return response


def _seconds(headers: Mapping[str, str], name: str) -> float | None:
    """Return a header's number; None where there is none, or a date in its place."""
    try:
        number = float(headers.get(name, ""))
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
