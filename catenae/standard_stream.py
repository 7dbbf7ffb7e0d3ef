"""A standard stream as a file: one that takes no more says so once, and one may be waited for by nobody.

A terminal that was stopped (Ctrl-S) and a pipe that nobody reads take nothing, and whoever writes to them
waits, for ever if it comes to that. What must not wait has a thread write in its place.
"""

import errno
import io
import os
import select
import stat
import threading
from collections.abc import Callable
from typing import Any

from catenae.errors import OutputLost

# So much is held back for a stream that takes nothing at the moment.
ROOM_BYTES = 2**16
# Without anything taken for so long, nobody waits at the end.
GIVEN_UP_AFTER_S = 1.0
_LOOK_EVERY_S = 0.1
# As much as a pipe takes whole.
_PIECE_BYTES = 4096


class Relay:
    """Writes what it is given in a thread of its own, in order. Thread-safe.

    write       writes all of some bytes, or raises OSError, however long it takes
    is_patient  whether one who has more than there is room for is to wait. Otherwise it is left out, and once
                something is taken again, a line says how many lines that were
    """

    def __init__(self, write: Callable[[bytes], None], is_patient: Callable[[], bool]) -> None:
        self._write = write
        self.is_patient = is_patient
        self._changed = threading.Condition()
        self._held = bytearray()
        self._is_writing = False
        self._lines_left_out = 0
        self._error: OSError | None = None
        threading.Thread(target=self._run, name="standard-stream", daemon=True).start()

    def give(self, data: bytes) -> None:
        """Have it written, or left out; raise the OSError that writing has met."""
        with self._changed:
            while len(self._held) >= ROOM_BYTES and self.is_patient() and self._error is None:
                self._changed.wait(_LOOK_EVERY_S)
            if self._error is not None:
                raise self._error
            if len(self._held) < ROOM_BYTES:
                self._held += data
                self._changed.notify_all()
            else:
                self._lines_left_out += data.count(b"\n")

    def drain(self) -> None:
        """Return once all is written, or when nobody who is patient waits and nothing is taken any more.

        Raises the OSError that writing has met.
        """
        with self._changed:
            while (self._held or self._is_writing) and self._error is None:
                patient = self.is_patient()
                if not self._changed.wait(_LOOK_EVERY_S if patient else GIVEN_UP_AFTER_S) and not patient:
                    return
            if self._error is not None:
                raise self._error

    def _run(self) -> None:
        while self._error is None:
            try:
                for piece in _pieces(self._taken()):
                    self._write(piece)
                    self._tell()
            except OSError as error:
                self._error = error
            self._is_writing = False
            self._tell()

    def _taken(self) -> bytes:
        """Return what is held, once there is something, and after it how much had no room behind it."""
        with self._changed:
            self._changed.wait_for(lambda: self._held)
            self._is_writing = True
            if self._lines_left_out:
                self._held += b"(%d lines were left out, while nobody took them)\n" % self._lines_left_out
            taken, self._held, self._lines_left_out = bytes(self._held), bytearray(), 0
            self._changed.notify_all()
            return taken

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()


class Output(io.RawIOBase):
    """A standard stream. What is lost of the standard error has nobody who could be told."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._is_lost = False
        self._relay: Relay | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def fileno(self) -> int:
        return self._descriptor

    def relay(self, is_patient: Callable[[], bool]) -> None:
        """Have a `Relay` write from now on. A file of a disk takes whatever comes, and needs none."""
        if self._relay is not None:
            self._relay.is_patient = is_patient
        elif not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            self._relay = Relay(self._written_whole, is_patient)

    def write(self, data: Any) -> int:
        if self._is_lost:
            return len(data)
        try:
            if self._relay is None:
                return self._written(data)
            self._relay.give(bytes(data))
        except OSError as error:
            self._lose(error)
        return len(data)

    def drain(self) -> None:
        """Bring out what a `Relay` holds; see there how long that is waited for."""
        if self._relay is None or self._is_lost:
            return
        try:
            self._relay.drain()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        self._is_lost = True
        if self._descriptor == 1:
            raise OutputLost(str(error.strerror), is_unread=error.errno == errno.EPIPE) from error

    def _written_whole(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._written(rest) :]

    def _written(self, data: Any) -> int:
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                # Another program has made the stream one that does not wait.
                select.select([], [self._descriptor], [])


def _pieces(data: bytes) -> list[bytes]:
    return [data[each : each + _PIECE_BYTES] for each in range(0, len(data), _PIECE_BYTES)]
