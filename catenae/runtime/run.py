"""The life of one instance: setup, steps until told to stop or finished, teardown."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from catenae.broker import Position
from catenae.clock import Clock
from catenae.errors import BrokerUnavailable, NoRoom, RecordsLost, StoreUnavailable, TransientError
from catenae.message import TopicPartition
from catenae.microservice import Microservice
from catenae.observability.health import Health
from catenae.retry import Retry
from catenae.runtime.loop import Step
from catenae.runtime.losses import OnLost, refuse

logger = logging.getLogger(__name__)

POLL_S = 0.5
UNAVAILABLE = (BrokerUnavailable, StoreUnavailable, NoRoom)
WAIT_FOR_PLATFORM = Retry(first_pause_s=0.2, longest_pause_s=5.0, attempts=None)
OUTAGE = "what its messages need is away"
# A pause looks so often whether it is to stop.
LOOK_EVERY_S = 0.5


class Steps(Protocol):
    """What is stepped: a `Loop`, a `SourceLoop` or `Serving`."""

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        """The partitions owned, as `Session.owned`."""

    def step(self, timeout_s: float) -> Step:
        """Do one thing, waiting up to `timeout_s` for it; an error leaves nothing half-done."""

    def close(self) -> None:
        """Release everything."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A microservice and the loop that feeds it.

    retry    how often in a row steps may fail transiently, and how long it waits before the next
    on_lost  is told of records that the broker has no longer; returns if the node goes on without
    """

    service: Microservice
    loop: Steps
    health: Health
    clock: Clock
    retry: Retry = field(default_factory=Retry)
    on_lost: OnLost = refuse

    def run(self, stop: threading.Event) -> None:
        """Step until `stop` is set or a Source is finished; tear down on every path.

        While the broker or a store is away or full it waits, as long as it takes. Any other error ends the
        instance: a transient one of a Source after `retry.attempts` in a row, all others at once.
        """
        try:
            self.service.setup()
            logger.info("instance started")
            self._step_until(stop)
            logger.info("instance stopped")
        except BaseException as error:
            self.health.failed(type(error).__name__)
            raise
        finally:
            try:
                self.loop.close()
            finally:
                self.service.teardown()

    def _step_until(self, stop: threading.Event) -> None:
        failures = 0
        while not stop.is_set():
            try:
                step = self.loop.step(POLL_S)
            except RecordsLost as error:
                self.on_lost(error)
            except UNAVAILABLE as error:
                failures += 1
                self.health.waiting(str(error))
                # An error of ours: it names servers, topics and partitions, and nothing of a message.
                said = {"error": type(error).__name__, "attempt": failures, "reason": str(error)}
                self._pause(WAIT_FOR_PLATFORM.pause_s(failures), stop, said)
            except TransientError as error:
                failures += 1
                if self.retry.is_over(failures):
                    raise
                self.health.waiting(type(error).__name__)
                said = {"error": type(error).__name__, "attempt": failures}
                self._pause(self.retry.pause_s(failures), stop, said)
            else:
                failures = 0
                self._tell(step)
                if step is Step.FINISHED:
                    return

    def _tell(self, step: Step) -> None:
        """Tell the probes: it is progress to have nothing to do, but not to be cut off from it."""
        obstacle = self.service.obstacle() if step is Step.IDLE else ""
        if step is Step.OUTAGE:
            self.health.waiting(OUTAGE)
        elif obstacle:
            self.health.waiting(obstacle)
        elif step is not Step.ABANDONED:
            self.health.progressed()

    def _pause(self, pause_s: float, stop: threading.Event, said: Mapping[str, Any]) -> None:
        """Wait before the next step, in the log with what is `said` of the last; a signal ends it."""
        logger.warning("step failed, trying again", extra={**said, "pause_s": round(pause_s, 2)})
        until_s = self.clock.monotonic_s() + pause_s
        while not stop.is_set() and (left_s := until_s - self.clock.monotonic_s()) > 0:
            self.clock.sleep(min(left_s, LOOK_EVERY_S))
