"""Calls that a client may let wait for ever, ended after a while.

kafka-python has no time limit for some; librdkafka has one, but at times forgets to answer when Kafka was
killed in the middle of a call.
"""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from catenae.errors import BrokerUnavailable

Call = Callable[[], object]


class Bounded:
    """Makes calls in a thread of its own, one at a time."""

    def __init__(self) -> None:
        self._worker: _Worker | None = None

    def call(self, doing: str, call: Call, timeout_s: float) -> None:
        """Return or raise as `call` does; raise BrokerUnavailable if that takes longer than `timeout_s`.

        The call then goes on in its thread, which ends with the process at the latest: whoever called must
        not use its object again.
        """
        worker = self._worker = self._worker or _Worker()
        worker.asked.put(call)
        try:
            error = worker.ended.get(timeout=timeout_s)
        except Empty as late:
            self.close()
            raise BrokerUnavailable(f"Kafka has not answered in {timeout_s:g} s while {doing}") from late
        if error is not None:
            raise error

    def close(self) -> None:
        """End the thread, once the last call has ended."""
        if self._worker is not None:
            self._worker.asked.put(None)
        self._worker = None


class _Worker:
    """The thread, what it is asked to call, and how that ended."""

    def __init__(self) -> None:
        self.asked: SimpleQueue[Call | None] = SimpleQueue()
        self.ended: SimpleQueue[Exception | None] = SimpleQueue()
        threading.Thread(target=self._run, name="bounded", daemon=True).start()

    def _run(self) -> None:
        while (call := self.asked.get()) is not None:
            try:
                call()
            except Exception as error:  # noqa: BLE001  raised in the caller's thread
                self.ended.put(error)
            else:
                self.ended.put(None)
