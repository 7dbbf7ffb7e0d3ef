"""Who must not wait for a reader has a thread write: in order, bounded, and what was left out is told."""

import os
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from catenae.errors import OutputLost
from catenae.standard_stream import ROOM_BYTES, Output, Relay
from tests.patience import until

LINE = b"x" * 1023 + b"\n"
LINES = 2 * ROOM_BYTES // len(LINE)


class Reader:
    """Takes what is written, while it is let."""

    def __init__(self) -> None:
        self.taken = b""
        self.let = threading.Event()
        self.waits = threading.Event()

    def write(self, data: bytes) -> None:
        self.waits.set()
        self.let.wait()
        self.taken += data


@pytest.fixture
def reader() -> Iterator[Reader]:
    """Return one who takes nothing yet."""
    found = Reader()
    yield found
    found.let.set()


def held_up(relay: Relay, reader: Reader) -> None:
    """Give it so much that a part is being written, and all the room behind it is taken."""
    relay.give(b"first\n")
    assert reader.waits.wait(60)
    for _ in range(LINES):
        relay.give(LINE)


def test_what_has_no_room_is_left_out_and_counted_where_it_was(reader: Reader) -> None:
    relay = Relay(reader.write, is_patient=lambda: False)
    held_up(relay, reader)
    reader.let.set()
    relay.drain()
    relay.give(b"last\n")
    relay.drain()

    kept = ROOM_BYTES // len(LINE)
    told = b"(%d lines were left out, while nobody took them)\n" % (LINES - kept)
    assert reader.taken == b"first\n" + kept * LINE + told + b"last\n"


@pytest.mark.lengthy
def test_nobody_waits_at_the_end_for_who_takes_nothing(reader: Reader) -> None:
    relay = Relay(reader.write, is_patient=lambda: False)
    relay.give(LINE)

    relay.drain()

    assert reader.taken == b""


@pytest.mark.lengthy
def test_who_is_patient_waits_until_that_ends(reader: Reader) -> None:
    patience_ends = threading.Event()
    relay = Relay(reader.write, is_patient=lambda: not patience_ends.is_set())
    waiting = threading.Thread(target=held_up, args=(relay, reader))
    waiting.start()
    assert reader.waits.wait(60)
    waiting.join(0.3)
    assert waiting.is_alive()

    patience_ends.set()
    waiting.join(60)
    assert not waiting.is_alive()


def test_nothing_is_left_out_for_who_is_patient(reader: Reader) -> None:
    relay = Relay(reader.write, is_patient=lambda: True)
    reader.let.set()
    held_up(relay, reader)

    relay.drain()

    assert reader.taken == b"first\n" + LINES * LINE


def test_a_pipe_that_nobody_reads_any_more_is_told_once() -> None:
    read, write = os.pipe()
    os.close(read)
    kept = os.dup(1)
    os.dup2(write, 1)
    try:
        output = Output(1)
        output.relay(lambda: False)

        def is_lost() -> bool:
            with suppress(OutputLost):
                output.write(LINE)
                return False
            return True

        until(is_lost)
        output.write(LINE)
        output.drain()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(write)
