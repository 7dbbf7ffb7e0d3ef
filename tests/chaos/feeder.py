"""Writes messages to what is fed from outside, for as long as a trial lasts."""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence

from catenae.broker import Broker
from catenae.codec import Codec, encode_key
from catenae.errors import CatenaeError
from catenae.message import Record
from tests.chaos import rules

EVERY_S = 0.25


class Feeder:
    """Appends to each topic so many messages a second, in a thread.

    A broker that is away may have taken what it did not acknowledge. So no message is sent twice: what is on
    the topic counts, and at least what was acknowledged must be there.

    acknowledged  topic → the paths that the broker said it has
    refused       how many messages it did not acknowledge
    """

    def __init__(self, broker: Broker, topics: Sequence[str], rate: float) -> None:
        self.acknowledged: defaultdict[str, list[str]] = defaultdict(list)
        self.refused = 0
        self._broker = broker
        self._topics = topics
        self._rate = rate
        self._next = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._feed, name="feeder")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return once nothing more is written."""
        self._is_over.set()
        self._thread.join()

    def _feed(self) -> None:
        started_s = time.monotonic()
        while not self._is_over.wait(EVERY_S):
            due = int((time.monotonic() - started_s) * self._rate) - self._next
            # What could not be sent while the broker was away is not made up for all at once.
            self._send(min(due, int(4 * self._rate * EVERY_S) + 1))
            self._next += max(0, due)

    def _send(self, count: int) -> None:
        for topic in self._topics:
            paths = [f"{topic}-{number}" for number in range(self._next, self._next + count)]
            try:
                self._broker.append([record_of(topic, path) for path in paths])
            except CatenaeError:
                self.refused += len(paths)
            else:
                self.acknowledged[topic] += paths


def record_of(topic: str, path: str) -> Record:
    """Return the record of a message that goes in."""
    value, headers = Codec().encode(topic, rules.value_of(path))
    return Record(topic, encode_key(rules.key_of(path)), value, headers)
