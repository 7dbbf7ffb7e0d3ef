"""The words of Kafka's protocol about transactions that no client has: how one ended, and to end one again.

Each is in the oldest form that brokers of version 4 take; the last came with 3.0.
Source: https://kafka.apache.org/protocol.
"""

import socket
import struct
from collections.abc import Mapping
from typing import NamedTuple

from catenae.brokers.kafka import wire

_FIND_COORDINATOR, _BEGIN, _ADD_PARTITIONS, _ADD_OFFSETS, _END, _DESCRIBE = 10, 22, 24, 25, 26, 65
_FOR_TRANSACTIONS = 1
_CONCURRENT, _UNKNOWN_ID = 51, 105
# A coordinator that is loading, not there yet, or another one by now.
_PASSING = (14, 15, 16)
# Of a topic, a group, an id.
_NOT_ALLOWED = (29, 30, 53)
# What is said of all the others where one partition is refused.
_NOT_ATTEMPTED = 55
# What there is in place of an answer; the last three of one that is cut short or of another form.
UNANSWERED = (OSError, wire.NotKafka, struct.error, IndexError, ValueError)


class Refused(wire.NotKafka):
    """The broker answers with an error.

    is_passing  it will answer otherwise in a moment
    is_access   an authorizer does not allow it
    """

    def __init__(self, doing: str, code: int) -> None:
        self.is_passing = code in _PASSING
        self.is_access = code in _NOT_ALLOWED
        super().__init__(f"it refuses {doing}: error {code}")


class Producer(NamedTuple):
    """Who writes in transactions: the id, and what Kafka has given it."""

    transactional_id: str
    number: int
    epoch: int


def find_coordinator(connection: socket.socket, transactional_id: str) -> str:
    """Return host:port of the coordinator of an id."""
    body = _text(transactional_id) + _FOR_TRANSACTIONS.to_bytes()
    answer = wire.ask(connection, _FIND_COORDINATOR, 1, body)
    (error,) = struct.unpack_from(">h", answer, 4)
    _require("to say who coordinates transactions", error)
    _, at = _read_text(answer, 6)  # of the error
    host, at = _read_text(answer, at + 4)  # past the node's number
    (port,) = struct.unpack_from(">i", answer, at)
    return f"{host}:{port}"


def state(connection: socket.socket, transactional_id: str) -> str:
    """Return how the last transaction of an id stands.

    "Empty", "Ongoing", "PrepareCommit", "CompleteAbort" or the like; "" for an id that is not known.
    """
    name = transactional_id.encode()
    body = b"\x02" + _varint(len(name) + 1) + name + b"\0"
    answer = wire.ask(connection, _DESCRIBE, 0, b"\0" + body)  # the first NUL ends the header of a newer form
    at = 1 + 4 + 1  # past the header's end, the throttle time and the number of answers, which is one
    (error,) = struct.unpack_from(">h", answer, at)
    if error == _UNKNOWN_ID:
        return ""
    _require("to describe a transaction", error)
    _, at = _compact(answer, at + 2)  # the id
    return _compact(answer, at)[0]


def take_over(connection: socket.socket, transactional_id: str, timeout_s: float) -> Producer | None:
    """Become the producer of an id, which ends what a former one has begun; None while it does."""
    body = _text(transactional_id) + round(timeout_s * 1000).to_bytes(4)
    error, number, epoch = struct.unpack_from(">hqh", wire.ask(connection, _BEGIN, 0, body), 4)
    if error == _CONCURRENT:
        return None
    _require("to become a producer", error)
    return Producer(transactional_id, number, epoch)


def run_empty(
    connection: socket.socket,
    producer: Producer,
    partitions: Mapping[str, int],
    group: str,
    *,
    is_commit: bool,
) -> None:
    """Begin and end a transaction with nothing in it, in these partitions and in that of a group's positions.

    partitions  how many there are of each topic
    group       "" for none
    """
    head = _text(producer.transactional_id) + struct.pack(">qh", producer.number, producer.epoch)
    listed = b"".join(
        _text(topic) + struct.pack(f">i{count}i", count, *range(count)) for topic, count in partitions.items()
    )
    answer = wire.ask(connection, _ADD_PARTITIONS, 0, head + len(partitions).to_bytes(4) + listed)
    _require("partitions in a transaction", _first_error(answer))
    if group:
        answer = wire.ask(connection, _ADD_OFFSETS, 0, head + _text(group))
        _require("positions in a transaction", struct.unpack_from(">h", answer, 4)[0])
    answer = wire.ask(connection, _END, 0, head + is_commit.to_bytes())
    _require("to end a transaction", struct.unpack_from(">h", answer, 4)[0])


def _first_error(answer: bytes) -> int:
    (topics,) = struct.unpack_from(">i", answer, 4)
    at = 8
    for _ in range(topics):
        at += 2 + int.from_bytes(answer[at : at + 2])
        (partitions,) = struct.unpack_from(">i", answer, at)
        at += 4
        for _, error in struct.iter_unpack(">ih", answer[at : at + 6 * partitions]):
            if error not in (0, _NOT_ATTEMPTED):
                return int(error)
        at += 6 * partitions
    return 0


def _require(doing: str, error: int) -> None:
    if error:
        raise Refused(doing, error)


def _text(text: str) -> bytes:
    return len(text.encode()).to_bytes(2) + text.encode()


def _read_text(data: bytes, at: int) -> tuple[str, int]:
    end = at + 2 + max(0, *struct.unpack_from(">h", data, at))
    return data[at + 2 : end].decode(), end


def _compact(data: bytes, at: int) -> tuple[str, int]:
    size, at = _read_varint(data, at)
    return data[at : at + size - 1].decode(), at + size - 1


def _varint(number: int) -> bytes:
    head = b""
    while number > 0x7F:
        head += (number & 0x7F | 0x80).to_bytes()
        number >>= 7
    return head + number.to_bytes()


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while data[at] & 0x80:
        number |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return number | data[at] << shift, at + 1
