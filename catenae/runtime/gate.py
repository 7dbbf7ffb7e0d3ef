"""Where a loop stands still between two steps, because a person wants it to, or goes on."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime


class Gate:
    """Open, or closed until a moment of the clock on the wall. Thread-safe.

    Whoever closes it waits for nobody: the loop comes to it when its batch is committed.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._changed = threading.Condition()
        self._until_s = 0.0
        self._is_stood_at = False
        self._failure: Exception | None = None

    def close(self, until_s: float) -> None:
        """Let nobody through until then, in seconds since 1970 UTC."""
        with self._changed:
            self._until_s = until_s
            self._changed.notify_all()

    def open(self) -> None:
        """Let everybody through."""
        with self._changed:
            self._until_s, self._is_stood_at = 0.0, False
            self._changed.notify_all()

    def fail(self, error: Exception) -> None:
        """Have whoever comes to the gate next raise this."""
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    @property
    def reason(self) -> str:
        """Why nobody gets through, in a few words; "" if it is open. Raises what it was told to fail with."""
        if self._failure is not None:
            raise self._failure
        if self._until_s <= self._now_s():
            self._is_stood_at = False
            return ""
        return f"paused until {moment(self._until_s)}"

    def stand(self, timeout_s: float) -> None:
        """Say that the loop stands still; return when something has changed, or after `timeout_s` seconds."""
        with self._changed:
            if self._until_s <= self._now_s():
                return
            self._is_stood_at = True
            self._changed.notify_all()
            self._changed.wait(timeout_s)

    def is_stood_at(self, within_s: float) -> bool:
        """Say whether the loop has come to stand still, after `within_s` seconds at most."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_stood_at, within_s)


class Gates:
    """The gates of several nodes in one process: all stand still while one of them is closed."""

    def __init__(self, gates: Sequence[Gate]) -> None:
        self._gates = gates

    @property
    def reason(self) -> str:
        """Why nobody gets through; "" if all are open. Raises what one was told to fail with."""
        return next(filter(None, [each.reason for each in self._gates]), "")

    def stand(self, timeout_s: float) -> None:
        """Stand at every gate that is closed, as `Gate.stand`."""
        closed = [each for each in self._gates if each.reason]
        for each in closed[1:]:
            each.stand(0.0)
        for each in closed[:1]:
            each.stand(timeout_s)


def moment(at_s: float) -> str:
    """Return a time as people read it, in UTC."""
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
