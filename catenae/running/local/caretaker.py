"""What is seen to while a topology runs on one machine: its manifest and the bounds of all topics."""

from catenae.broker import Broker
from catenae.clock import Clock
from catenae.deployment.ledger import Ledger
from catenae.errors import TransientError

TRIM_EVERY_S = 60.0
# So often it says that it runs, and looks which other topologies still do.
TAKE_OVER_EVERY_S = 3600.0


class Caretaker:
    """Takes the declaration over, and looks after it. Not thread-safe."""

    def __init__(self, ledger: Ledger, broker: Broker, clock: Clock) -> None:
        self._ledger = ledger
        self._broker = broker
        self._clock = clock
        self._trim_at_s = self._take_over_at_s = 0.0

    def begin(self) -> None:
        """Take the declaration over; raises as `Ledger.take_over`."""
        self._ledger.take_over()
        self._trim_at_s = self._clock.monotonic_s()
        self._take_over_at_s = self._trim_at_s + TAKE_OVER_EVERY_S

    def look(self) -> None:
        """Do what is due; what a broker that is away does not take is due the next time."""
        now_s = self._clock.monotonic_s()
        try:
            if now_s >= self._take_over_at_s:
                self._ledger.take_over()
                self._take_over_at_s = now_s + TAKE_OVER_EVERY_S
            if now_s >= self._trim_at_s:
                self._broker.trim()
                self._trim_at_s = now_s + TRIM_EVERY_S
        except TransientError:
            return
