"""A process that is killed at one call of its broker or store: just before the call, or just after it."""

from typing import Any

from catenae.broker import Broker
from catenae.operating.migrations.ground import Ground

SESSIONS = ("join",)


class Killed(BaseException):
    """What ends the process: nothing catches it, and nothing is done after it."""


class Fate:
    """Counts the moments before and after each call, and kills at one of them; None never does."""

    def __init__(self, kill_at: int | None) -> None:
        self.calls = 0
        self._kill_at = kill_at

    @property
    def is_over(self) -> bool:
        return self._kill_at is not None and self.calls >= self._kill_at

    def pass_by(self) -> None:
        """Be killed here, if it is time, or if it was time before."""
        self.calls += 1
        if self.is_over:
            raise Killed


class Mortal:
    """Anything whose methods may be the last thing that the process calls."""

    def __init__(self, inner: Any, fate: Fate) -> None:
        self._inner = inner
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **named: Any) -> Any:
            self._fate.pass_by()
            result = found(*arguments, **named)
            self._fate.pass_by()
            return Mortal(result, self._fate) if name in SESSIONS else result

        return call


def mortal(ground: Ground, fate: Fate) -> Ground:
    """Return the ground of a process that may be killed."""
    return Ground(Mortal(ground.broker, fate), lambda: Mortal(ground.store, fate), ground.clock)


def dying_at_commit(broker: Broker) -> Any:
    """Return a broker whose sessions never come to commit anything."""
    return _Overridden(broker, join=lambda *asked: _Overridden(broker.join(*asked), commit=_die))


class _Overridden:
    def __init__(self, inner: Any, **methods: Any) -> None:
        self._inner = inner
        self._methods = methods

    def __getattr__(self, name: str) -> Any:
        return self._methods.get(name) or getattr(self._inner, name)


def _die(*_: Any) -> None:
    raise Killed
