"""What all sessions of one process share: the LMDB environment, the clock, and the way into the log."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from catenae.brokers.embedded.log import DATABASES, Block, Log
from catenae.brokers.embedded.log_time import LogTime, this_boot
from catenae.brokers.embedded.outbox import Outbox
from catenae.clock import Clock
from catenae.lmdb.environment import LmdbEnvironment
from catenae.message import Record


class Stamp(NamedTuple):
    """A moment, as the machine's clock says and in the log's own time: both as in `layout.Batch`."""

    timestamp_ms: int
    logged_ms: int


class SharedLog:
    """The log of one folder. Thread-safe: every use is a transaction of its own."""

    def __init__(self, environment: LmdbEnvironment, clock: Clock) -> None:
        self._environment = environment
        self._databases = {name: environment.database(name) for name in DATABASES}
        self._outbox = Outbox()
        self.clock = clock
        with environment.write() as transaction:
            self._time = LogTime(Log(transaction, self._databases), clock, this_boot())

    def now_ms(self) -> int:
        """Return the log's own time, by which leases, delays and retention go."""
        return self._time.now_ms()

    def last_transaction(self) -> int:
        """Return the number of the last commit: while it stays, nothing has changed."""
        return self._environment.last_transaction()

    @contextmanager
    def read(self) -> Iterator[Log]:
        """Look at the log as of now."""
        with self._environment.read() as transaction:
            yield Log(transaction, self._databases)

    @contextmanager
    def write(self) -> Iterator[Log]:
        """Change the log, all or nothing; one writer at a time among all processes."""
        with self._environment.write() as transaction:
            log = Log(transaction, self._databases)
            yield log
            self._time.keep(log)

    def encode(self, records: Sequence[Record]) -> Mapping[str, Sequence[Block]]:
        """Encode records for `Log.append`, by topic; done before `write`, so that no other writer waits."""
        if not records:
            return {}
        with self.read() as log:
            return self._outbox.blocks(records, lambda topic: log.topic(topic).spec.partitions)

    def stamp(self) -> Stamp:
        """Return the time at which what is written now is written."""
        return Stamp(int(self.clock.now_s() * 1000), self.now_ms())

    def append(self, log: Log, blocks: Mapping[str, Sequence[Block]], stamp: Stamp | None = None) -> None:
        """Append what `encode` returned, as written at `stamp`, or else now."""
        timestamp_ms, logged_ms = stamp or self.stamp()
        for topic, some in blocks.items():
            log.append(log.topic(topic), some, timestamp_ms, logged_ms)

    def close(self) -> None:
        """Close the environment."""
        self._environment.close()
