"""Calls that a client may let wait for ever, ended after a while.

kafka-python has no time limit for some; librdkafka has one, but at times forgets to answer when Kafka was
killed in the middle of a call.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeVar

from catenae.errors import BrokerUnavailable, CatenaeError

# What is ended so soon after another belongs to the same stop.
IN_A_ROW_S = 10.0

T = TypeVar("T")

Call = Callable[[], Any]


class Late(BrokerUnavailable):
    """A call has not ended in time, and goes on in a thread: its object must not be used again."""


class Bounded:
    """Makes calls in threads of its own. Thread-safe; a thread is kept for the next call."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._idle: deque[_Worker] = deque()
        self._now_s = now_s
        self._was_late_at_s = -IN_A_ROW_S

    def call(self, doing: str, call: Callable[[], T], timeout_s: float) -> T:
        """Return or raise as `call` does; raise `Late` if that takes longer than `timeout_s`."""
        worker = self._worker()
        worker.asked.put(call)
        try:
            value, error = worker.ended.get(timeout=timeout_s)
        except Empty as late:
            worker.asked.put(None)
            raise Late(f"Kafka has not answered in {timeout_s:g} s while {doing}") from late
        self._idle.append(worker)
        if error is not None:
            raise error
        return value  # type: ignore[no-any-return]  # what `call` has returned

    def begin(self, call: Callable[[], object]) -> None:
        """Make a call and wait for nothing; what becomes of it is nobody's concern."""
        worker = self._worker()
        worker.asked.put(call)
        worker.asked.put(None)

    def end(self, call: Callable[[], object], timeout_s: float) -> None:
        """Make a call that ends something, and go on after `timeout_s`; at once if the one before was late.

        Whoever stops ends several things, and waits for a server that is away no more than once.
        """
        if self._now_s() - self._was_late_at_s < IN_A_ROW_S:
            self.begin(call)
            return
        try:
            self.call("closing", call, timeout_s)
        except Late:
            self._was_late_at_s = self._now_s()
        except CatenaeError:
            return

    def close(self) -> None:
        """End the threads, each once its call has ended."""
        while self._idle:
            self._idle.pop().asked.put(None)

    def _worker(self) -> "_Worker":
        try:
            return self._idle.pop()
        except IndexError:
            return _Worker()


class _Outcome(NamedTuple):
    value: Any
    error: Exception | None


class _Worker:
    """A thread, what it is asked to call, and how that ended."""

    def __init__(self) -> None:
        self.asked: SimpleQueue[Call | None] = SimpleQueue()
        self.ended: SimpleQueue[_Outcome] = SimpleQueue()
        threading.Thread(target=self._run, name="bounded", daemon=True).start()

    def _run(self) -> None:
        while (call := self.asked.get()) is not None:
            try:
                outcome = _Outcome(call(), None)
            except Exception as error:  # noqa: BLE001  raised in the caller's thread
                outcome = _Outcome(None, error)
            # What is made by the call must not live on in a thread that waits for the next one.
            del call
            self.ended.put(outcome)
            del outcome
