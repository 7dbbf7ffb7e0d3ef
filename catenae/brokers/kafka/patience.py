"""How long a read waits: not long for a transaction to end, longer for Kafka to say anything at all."""

import time
from collections.abc import Callable

from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S
from catenae.errors import BrokerUnavailable
from catenae.message import TopicPartition

LONGEST_WAIT_S = 1.0


class Patience:
    """Measures from its making how long one partition has been read."""

    def __init__(self, partition: TopicPartition, now_s: Callable[[], float] = time.monotonic) -> None:
        self._partition = partition
        self._now_s = now_s
        self._started_s = now_s()

    def is_over(self, *, has_something: bool) -> bool:
        """Say whether to return what there is; `has_something` when records or the end were seen.

        Raises `BrokerUnavailable` when neither was seen for too long: nothing may be taken for the end but
        the end.
        """
        waited_s = self._now_s() - self._started_s
        if not has_something and waited_s > REQUEST_TIMEOUT_S:
            raise BrokerUnavailable(f"Kafka sends nothing of {self._partition}, where records may be")
        return has_something and waited_s > LONGEST_WAIT_S
