"""The loop of a chain: what a link makes the next handles in the same step, and all of it is one commit."""

import logging
from collections.abc import Mapping, Sequence
from time import thread_time

from catenae.broker import Position
from catenae.chain import Chain
from catenae.clock import Clock
from catenae.errors import Conflict, Fenced, Superseded
from catenae.message import TopicPartition
from catenae.quiet import Quiet
from catenae.runtime.link import Link
from catenae.runtime.loop import Step
from catenae.runtime.pace import Pace

logger = logging.getLogger(__name__)

# While a link reads what was not handed on to it, those before it make no more of it, for so many steps.
MOST_STEPS_BEHIND = 10


class Together:
    """Steps the links of a chain, each after those of which it reads. Not thread-safe."""

    def __init__(self, chain: Chain, links: Sequence[Link], clock: Clock) -> None:
        self._chain = chain
        self._links = links
        self._clock = clock
        plans = [each.plan for each in links]
        self._pace = Pace(min(each.batch_records for each in plans), min(each.batch_s for each in plans))
        self._inner = frozenset(topic for each in plans for topic in each.outputs.values())
        self._quiet = Quiet(clock)
        self._steps_behind = 0
        self._poll_s = 0.0

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        """The partitions that the first link owns, with the positions committed."""
        return self._links[0].session.owned

    def step(self, timeout_s: float) -> Step:
        """Handle and commit a batch through all links, waiting up to `timeout_s` for its first record.

        An error leaves nothing half-done: the sessions hand over again what was not committed.
        """
        try:
            self._chain.begin()
            polled = self._wait(min(each.state.idle_s(timeout_s) for each in self._links))
            for each in self._links:
                each.begin()
            behind = [each for each in self._links if each.state.is_behind]
            if behind:
                for each in behind:
                    each.catch_up(self._pace.records)
            elif not self._process(polled):
                return self._standstill()
        except Superseded:
            raise
        except (Fenced, Conflict) as error:
            self._abandon()
            for each in self._links:
                each.metrics.fenced()
            logger.warning(
                "batch abandoned, it comes again",
                extra={
                    "node": self._links[0].plan.node,
                    "error": type(error).__name__,
                    "reason": str(error),
                },
            )
            return Step.ABANDONED
        except BaseException:
            self._abandon()
            raise
        return Step.MOVED

    def rest(self) -> Step:
        """Keep the partitions, and take none of their records."""
        self._chain.begin()
        for each in self._links:
            each.poll(0)
        return Step.PAUSED

    def close(self) -> None:
        """Leave the groups and end the threads."""
        for each in self._links:
            each.handler.close()
        self._chain.close()

    def _wait(self, timeout_s: float) -> int:
        """Poll until there is something, or `timeout_s` is over; return how many records there are."""
        if any(each.state.is_behind for each in self._links):
            for each in self._links:
                each.poll(0)
            return 0
        until_s = self._clock.monotonic_s() + timeout_s
        self._quiet.begins()
        while True:
            polled = self._poll()
            if polled:
                self._quiet.ends()
            left_s = until_s - self._clock.monotonic_s()
            if polled or left_s <= 0:
                return polled
            self._clock.sleep(min(self._quiet.pause_s(), left_s))

    def _poll(self) -> int:
        """Poll every link, the last one first; those before one that is behind get nothing meanwhile."""
        began_s = thread_time()
        polled, is_behind = 0, False
        for link in reversed(self._links):
            waits = is_behind and self._steps_behind < MOST_STEPS_BEHIND
            found = link.poll(0 if waits else self._pace.records)
            polled += found
            is_behind |= found > 0 and any(
                record.topic in self._inner for batch in link.batches for record in batch.records
            )
        self._steps_behind = self._steps_behind + 1 if is_behind else 0
        if self._steps_behind > MOST_STEPS_BEHIND:
            self._steps_behind = 0
        self._poll_s += thread_time() - began_s
        return polled

    def _process(self, polled: int) -> bool:
        """Handle and commit what was polled and all that comes of it; say whether that was anything."""
        started_s = self._clock.monotonic_s()
        for number, link in enumerate(self._links):
            outputs = link.handle()
            if outputs:
                for other, batch in zip(self._links, self._chain.pass_on(number, outputs), strict=True):
                    if batch.records:
                        other.batches.append(batch)
        handled_s = self._clock.monotonic_s()
        parts = [each.part() for each in self._links]
        busy = [each for each in self._links if each.received]
        moves = bool(busy) or any(each.outputs for each in parts)
        if moves:
            flushed_s = self._clock.monotonic_s()
            self._chain.commit(parts)
            commit_s = self._clock.monotonic_s() - flushed_s
            for link in busy:
                link.committed(commit_s / len(busy), self._poll_s / len(busy))
            self._poll_s = 0.0
        if polled:
            self._pace.took(polled, handled_s - started_s, self._clock.monotonic_s() - handled_s)
        for link in self._links:
            link.pause()
        return moves

    def _standstill(self) -> Step:
        """Say what it is when nothing was handled."""
        if any(each.handler.is_outage for each in self._links):
            return Step.OUTAGE
        return Step.WAITING if any(each.handler.is_holding for each in self._links) else Step.IDLE

    def _abandon(self) -> None:
        for each in self._links:
            each.state.abandon()
