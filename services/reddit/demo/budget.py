"""How many requests a client may send in a window of time, and what its answers say of it."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a client has used of its budget, the request at hand included, and when the next one begins."""

    used: int
    budget: int
    reset_s: float

    @property
    def is_exceeded(self) -> bool:
        """Whether the request is refused."""
        return self.used > self.budget

    def headers(self) -> Mapping[str, str]:
        """Return the headers of the answer."""
        reset_s = str(math.ceil(self.reset_s))
        headers = {
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-remaining": f"{max(0, self.budget - self.used):.1f}",
            "x-ratelimit-reset": reset_s,
        }
        return headers | {"retry-after": reset_s} if self.is_exceeded else headers


class Budget:
    """Counts the requests of each client, from nothing again in each window; windows follow one another.

    requests, window_s  may be changed at any time; what was counted remains
    clock_s             monotonic seconds
    """

    def __init__(
        self, requests: int = 1000, window_s: float = 600.0, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self.requests = requests
        self.window_s = window_s
        self._clock_s = clock_s
        self._began_s = clock_s()
        self._used: dict[str, tuple[int, int]] = {}

    def spend(self, client: str) -> Allowance:
        """Count a request of a client."""
        passed_s = self._clock_s() - self._began_s
        window = int(passed_s // self.window_s)
        then, used = self._used.get(client, (window, 0))
        used = used + 1 if then == window else 1
        self._used[client] = window, used
        return Allowance(used, self.requests, (window + 1) * self.window_s - passed_s)
