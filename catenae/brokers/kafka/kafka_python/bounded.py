"""Calls that kafka-python lets wait for ever, ended after a while."""

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from catenae.errors import BrokerUnavailable


def bounded(doing: str, call: Callable[[], object], timeout_s: float) -> None:
    """Return or raise as `call` does; raise BrokerUnavailable if that takes longer than `timeout_s`.

    The call then goes on in a thread of its own, which ends with the process at the latest: whoever called
    must not use its object again.
    """
    ended: SimpleQueue[Exception | None] = SimpleQueue()

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001  raised in the caller's thread
            ended.put(error)
        else:
            ended.put(None)

    threading.Thread(target=run, name=doing, daemon=True).start()
    try:
        error = ended.get(timeout=timeout_s)
    except Empty as late:
        raise BrokerUnavailable(f"Kafka has not answered in {timeout_s:g} s while {doing}") from late
    if error is not None:
        raise error
