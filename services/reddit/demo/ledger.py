"""Every request with its time, so that a test can prove what a client did."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple


class Request(NamedTuple):
    """One request; its answer's status is 0 if there was none."""

    at_s: float  # on the clock of the ledger's owner
    client: str
    path: str
    status: int


class Ledger:
    """The requests that came in, in order."""

    def __init__(self) -> None:
        self._requests: list[Request] = []

    def __iter__(self) -> Iterator[Request]:
        return iter(self._requests)

    def __len__(self) -> int:
        return len(self._requests)

    def add(self, request: Request) -> None:
        """Write a request down."""
        self._requests.append(request)

    def statuses(self) -> Counter[int]:
        """Return how many requests were answered with each status."""
        return Counter(request.status for request in self)

    def busiest(self, window_s: float) -> int:
        """Return the most requests within any stretch of `window_s` seconds, wherever it begins."""
        times = sorted(request.at_s for request in self)
        most, first = 0, 0
        for last, at_s in enumerate(times):
            while at_s - times[first] >= window_s:
                first += 1
            most = max(most, last - first + 1)
        return most

    def longest_pause_s(self) -> float:
        """Return the longest time between two requests."""
        times = sorted(request.at_s for request in self)
        return max((after - before for before, after in pairwise(times)), default=0.0)
