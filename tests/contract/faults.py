"""Errors at any call that a session makes of what is under it, before the call was made or after."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple

from catenae.broker import Session
from catenae.errors import BrokerUnavailable

# What a session calls: of the embedded log, of a Kafka client's member, and of its writer.
CALLS = frozenset(
    {
        "read",
        "write",
        "encode",
        "append",
        "fetch",
        "seek",
        "pause",
        "resume",
        "ping",
        "past_markers",
        "start",
        "stage",
    }
)


class Fault(NamedTuple):
    """The call after `calls` others fails; `is_made` says whether it has its effect all the same."""

    calls: int
    is_made: bool


class Faults:
    """Lets one call fail at a time."""

    def __init__(self) -> None:
        self.seen = 0
        self._planned: Fault | None = None

    def plan(self, fault: Fault | None) -> None:
        """Let a call fail from now on, in place of what was planned; None lets none."""
        self._planned = fault

    @contextmanager
    def around(self) -> Iterator[None]:
        """Be called around each call."""
        planned, self._planned = self._planned, None
        if planned is not None and planned.calls:
            self._planned, planned = planned._replace(calls=planned.calls - 1), None
        if planned is not None and not planned.is_made:
            self._fail()
        yield
        if planned is not None:
            self._fail()

    def _fail(self) -> None:
        self.seen += 1
        raise BrokerUnavailable("as planned")


class Faulty:
    """Passes everything on to what it stands for; a call that is due fails."""

    def __init__(self, inner: Any, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._failing(found) if name in CALLS else found

    def _failing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def failing(*given: Any, **named: Any) -> Any:
            # A transaction of the embedded log is over when its block is.
            if call.__name__ in ("read", "write") and not given:
                return self._block(call())
            with self._faults.around():
                return call(*given, **named)

        return failing

    @contextmanager
    def _block(self, block: AbstractContextManager[Any]) -> Iterator[Any]:
        with self._faults.around(), block as log:
            yield log


def inflict(session: Session, faults: Faults) -> None:
    """Put faults under a session of any broker."""
    inner: Any = session
    if hasattr(inner, "_shared"):
        inner._shared = Faulty(inner._shared, faults)
    else:
        inner._writer = Faulty(inner._writer, faults)
        inner._seat = _FaultySeat(inner._seat, faults)


class _FaultySeat(Faulty):
    """A seat in a group whose member fails."""

    @property
    def member(self) -> Any:
        return Faulty(self._inner.member, self._faults)
