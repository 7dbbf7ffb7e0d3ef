"""One id on everything that comes of one message, in the header `trace`.

It begins where a message enters: at a Source, or at the first node that reads a record from outside. `derive`
carries it on. Logs and dead letters show it, so that a message can be followed through the topology.
"""

import os
from zlib import crc32

from catenae.message import Headers, Record

TRACE = "trace"


def begin_trace(headers: Headers) -> Headers:
    """Return the headers of a message that a Source made, with a new id unless they have one."""
    if TRACE in headers:
        return headers
    return {**headers, TRACE: os.urandom(8).hex().encode()}


def continue_trace(record: Record) -> Headers:
    """Return the headers of a record that was read, with an id unless they have one.

    The id is made of the record's place and so the same on redelivery: 4 hexadecimal digits of the topic's
    checksum, 3 of the partition, 9 of the offset. That is cheaper than a hash, and a person can read it.
    """
    headers = record.headers
    if TRACE in headers:
        return headers
    topic = crc32(record.topic.encode()) & 0xFFFF
    trace = f"{topic:04x}{record.partition & 0xFFF:03x}{record.offset & 0xFFFFFFFFF:09x}"
    return {**headers, TRACE: trace.encode()}


def trace_of(headers: Headers) -> str:
    """Return the id, or "" where there is none; whatever a stranger wrote there, it is safe to log."""
    return headers.get(TRACE, b"")[:32].decode("ascii", "replace")
