"""How often somebody may try to sign in: failures make the next try wait, twice as long each time."""

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 900.0
FORGOTTEN_AFTER_S = 3600.0
# Of each the failures that cost nothing: a person mistypes; many people share an address; and an account that
# is tried from everywhere is slowed only late, or anybody could keep its owner out.
FREE_BY_PAIR, FREE_BY_ADDRESS, FREE_BY_NAME = 4, 20, 100
MOST_REMEMBERED = 100_000


class _Failures(NamedTuple):
    number: int
    next_s: float
    last_s: float


class Throttle:
    """Remembers failures in this process: of several replicas each lets as many pass. Thread-safe."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, ...], _Failures] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, name: str, address: str, now_s: float) -> float:
        """Return how long a try has to wait; 0 if it may be made, and then it counts as failed until told.

        A try that names nobody, by OpenID Connect, has the name "".
        """
        limits: dict[tuple[str, ...], int] = {("", address): FREE_BY_ADDRESS}
        if name:
            limits |= {(name, address): FREE_BY_PAIR, (name,): FREE_BY_NAME}
        with self._lock:
            known = {key: self._known(key, now_s) for key in limits}
            wait_s = max(failures.next_s - now_s for failures in known.values())
            if wait_s > 0:
                return wait_s
            for key, free in limits.items():
                self._note(key, known[key].number + 1, free, now_s)
        return 0.0

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of somebody who has signed in; those of others at the address stay."""
        with self._lock:
            if name:
                self._failures.pop((name, address), None)
            self._take_back(("", address))
            self._take_back((name,))

    def _known(self, key: tuple[str, ...], now_s: float) -> _Failures:
        found = self._failures.get(key)
        if found is None or now_s - found.last_s > FORGOTTEN_AFTER_S:
            return _Failures(0, now_s, now_s)
        return found

    def _note(self, key: tuple[str, ...], count: int, free: int, now_s: float) -> None:
        pause_s = (
            min(FIRST_PAUSE_S * 2.0 ** min(count - free - 1, 30), LONGEST_PAUSE_S) if count > free else 0.0
        )
        self._failures[key] = _Failures(count, now_s + pause_s, now_s)
        self._failures.move_to_end(key)
        while len(self._failures) > MOST_REMEMBERED:
            self._failures.popitem(last=False)

    def _take_back(self, key: tuple[str, ...]) -> None:
        found = self._failures.get(key)
        if found is not None:
            self._failures[key] = found._replace(number=max(0, found.number - 1))
