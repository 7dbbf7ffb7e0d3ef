"""Whether the transactions of one id have ended in every partition; where that is not certain they end again.

Kafka answers that a transaction is committed before it tells the partitions. One that is killed in between,
and comes back before it knows its own topics, takes them for deleted, tells none of them, and notes the
transaction as complete (seen with 4.3.1; its log: "likely deleted already and hence can be skipped"). What
was written stays invisible then, and the group's positions held, until the next transaction of the id ends in
the same partitions: if that one is aborted, so is there what had been committed, and elsewhere it is not.

So a coordinator's word that all is told counts only over a connection that is older than the end of the
transaction: then it was not killed meanwhile. Otherwise an empty transaction ends as that one did, before
another begins, in every partition that it may have been in; in one where it was not, a marker means nothing.
"""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Protocol

from catenae.brokers.kafka import transaction_wire as wire
from catenae.brokers.kafka.address import Address
from catenae.brokers.kafka.client import COMMIT_TIMEOUT_S, REQUEST_TIMEOUT_S, TRANSACTION_TIMEOUT_S, refused
from catenae.brokers.kafka.connection import connect
from catenae.brokers.kafka.entry import Entry
from catenae.brokers.kafka.transaction_wire import UNANSWERED, Refused
from catenae.brokers.kafka.wire import NotKafka
from catenae.errors import BrokerUnavailable

LOOK_EVERY_S = 0.0005
AGAIN_S = 0.1
_DOING = "ending what was begun before"
_ENDING = "Prepare"
# Who may be let in by a connection of ours; of other mechanisms only the clients know how to speak them.
_MECHANISMS = ("", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

Partitions = Callable[[], Mapping[str, int]]


class Endings(Protocol):
    """Sees to the endings of the transactions of one id."""

    def note(self) -> None:
        """Note that a transaction was just ended. Never raises."""

    def are_certain(self) -> bool:
        """Return whether the last transaction has ended everywhere, once that can be said. Never raises."""

    def make_certain(self) -> None:
        """End the last transaction everywhere; whoever writes under the id now has to begin anew.

        Raises `BrokerUnavailable`, and `BrokerError` where an authorizer does not allow it.
        """

    def doubt(self) -> None:
        """Note that nobody knows how the last transaction ends. Never raises."""


class BelievedEndings:
    """`Endings` by the client's word, where nobody else is let in."""

    def note(self) -> None: ...

    def are_certain(self) -> bool:
        return True

    def make_certain(self) -> None: ...

    def doubt(self) -> None: ...


class CoordinatedEndings:
    """`Endings` by the word of the coordinator.

    group       whose positions are in the transactions; "" for none
    partitions  says how many there are of each topic that may be in them
    servers     host:port of those who know the coordinator
    """

    def __init__(
        self,
        transactional_id: str,
        group: str,
        partitions: Partitions,
        servers: Sequence[str],
        entry: Entry,
    ) -> None:
        self._id = transactional_id
        self._group = group
        self._partitions = partitions
        self._servers = servers
        self._entry = entry
        # Older than the end of the last transaction.
        self._connection: socket.socket | None = None
        self._is_certain = False

    def note(self) -> None:
        self._is_certain = False

    def are_certain(self) -> bool:
        if not self._is_certain and self._connection is not None:
            try:
                self._state(self._connection)
                self._is_certain = True
            except UNANSWERED:
                self.doubt()
        return self._is_certain

    def make_certain(self) -> None:
        until_s = time.monotonic() + COMMIT_TIMEOUT_S
        while not self._is_certain:
            self.doubt()
            try:
                self._connection = self._coordinator()
                self._end_again(self._connection)
                self._is_certain = True
            except Refused as error:
                self.doubt()
                if error.is_access:
                    raise refused(_DOING, str(error)) from error
                if not error.is_passing or time.monotonic() > until_s:
                    raise BrokerUnavailable(f"Kafka does not answer while {_DOING}: {error}") from error
                time.sleep(AGAIN_S)
            except UNANSWERED as error:
                self.doubt()
                raise BrokerUnavailable(f"Kafka does not answer while {_DOING}: {error}") from error

    def doubt(self) -> None:
        self._is_certain = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _end_again(self, connection: socket.socket) -> None:
        state = self._state(connection)
        if not state or state == "Ongoing":
            return  # there never was one; or whoever begins anew ends it
        until_s = time.monotonic() + COMMIT_TIMEOUT_S
        while (producer := wire.take_over(connection, self._id, TRANSACTION_TIMEOUT_S)) is None:
            _wait(until_s)
        # One that nobody ends but by beginning anew is taken back.
        is_commit = state == "CompleteCommit"
        wire.run_empty(connection, producer, self._partitions(), self._group, is_commit=is_commit)
        self._state(connection)

    def _state(self, connection: socket.socket) -> str:
        """Return the state of the last transaction, once that is not about to change by itself."""
        until_s = time.monotonic() + COMMIT_TIMEOUT_S
        while (state := wire.state(connection, self._id)).startswith(_ENDING):
            _wait(until_s)
        return state

    def _coordinator(self) -> socket.socket:
        reasons: list[Exception] = []
        for server in self._servers:
            try:
                with closing(connect(server, self._entry, REQUEST_TIMEOUT_S)) as knows:
                    coordinator = wire.find_coordinator(knows, self._id)
                return connect(coordinator, self._entry, REQUEST_TIMEOUT_S)
            except Refused:
                raise
            except UNANSWERED as error:
                reasons.append(error)
        raise reasons[0]


class EndingsOf(Protocol):
    """Makes what sees to the endings of one id; its arguments are those of `CoordinatedEndings`."""

    def __call__(self, transactional_id: str, group: str, partitions: Partitions) -> Endings: ...


def endings_at(address: Address) -> EndingsOf:
    """Return what makes `Endings` at an address. Raises `ConfigError` as `Entry.of` does."""
    entry = Entry.of(address.properties)
    if entry.is_by_proxy or entry.mechanism not in _MECHANISMS:
        return lambda transactional_id, group, partitions: BelievedEndings()  # noqa: ARG005
    servers = address.servers.split(",")
    return partial(CoordinatedEndings, servers=servers, entry=entry)


def _wait(until_s: float) -> None:
    if time.monotonic() > until_s:
        raise NotKafka("it does not come to an end")
    time.sleep(LOOK_EVERY_S)
