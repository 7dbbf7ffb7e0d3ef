"""How often the message at the head of a partition has failed, and whether it or an outage is to blame."""

from collections.abc import Collection
from dataclasses import dataclass

from catenae.message import TopicPartition
from catenae.retry import Retry

# So many failures and no success in between are an outage of what all messages need.
OUTAGE_FAILURES = 5


@dataclass(slots=True)
class _Trial:
    """The message that a partition waits for."""

    offset: int
    successes_before: int
    attempts: int = 0


class Trials:
    """The trials of one instance, which last from poll to poll. Not thread-safe.

    A message is to blame for its failures only if another one got through meanwhile: else thousands would be
    set aside in an outage, each after its last attempt.
    """

    def __init__(self, retry: Retry) -> None:
        self._retry = retry
        self._trials: dict[TopicPartition, _Trial] = {}
        self._successes = 0
        self._failures_in_a_row = 0
        self._was_alone = False

    @property
    def waiting(self) -> Collection[TopicPartition]:
        """The partitions whose next message has failed."""
        return self._trials.keys()

    @property
    def is_outage(self) -> bool:
        """Whether messages wait and none gets through, so that it is enough to try one at a time."""
        return bool(self._trials) and self._failures_in_a_row >= OUTAGE_FAILURES

    def succeeded(self, messages: int = 1) -> None:
        """Note that messages were handled."""
        self._successes += messages
        self._failures_in_a_row = 0
        self._was_alone = False

    def failed(self, place: TopicPartition, offset: int) -> None:
        """Note that a message failed, at the head of its partition now."""
        trial = self._trials.get(place)
        if trial is None or trial.offset != offset:
            trial = self._trials[place] = _Trial(offset, self._successes)
        trial.attempts += 1
        self._failures_in_a_row += 1

    def ended(self, place: TopicPartition) -> None:
        """Note that the partition waits no longer."""
        self._trials.pop(place, None)

    def offset(self, place: TopicPartition) -> int:
        """Return which message a partition waits for."""
        return self._trials[place].offset

    def attempts(self, place: TopicPartition) -> int:
        """Return how often the head of a partition has failed."""
        return self._trials[place].attempts if place in self._trials else 0

    def pause_s(self, place: TopicPartition) -> float:
        """Return how long to wait for the next attempt."""
        return self._retry.pause_s(self._trials[place].attempts)

    def is_over(self, place: TopicPartition) -> bool:
        """Say whether the head of a partition has had its last attempt."""
        return self._retry.is_over(self._trials[place].attempts)

    def others_passed(self, place: TopicPartition) -> bool:
        """Say whether any message was handled since the head of the partition first failed."""
        return self._successes > self._trials[place].successes_before

    def is_alone(self) -> bool:
        """Say, once until the next success, whether there is no message but this one to judge by."""
        is_alone = len(self._trials) == 1 and not self._was_alone
        self._was_alone = True
        return is_alone

    def forget(self) -> None:
        """Forget all, because other partitions are owned now."""
        self._trials = {}
        self._failures_in_a_row = 0
