"""A coordinator of transactions on loopback that speaks the few words which are asked of it."""

import socket
import struct
import threading
from collections.abc import Iterable
from contextlib import suppress
from typing import Self

FIND, BEGIN, ADD_PARTITIONS, ADD_OFFSETS, END, DESCRIBE = 10, 22, 24, 25, 26, 65
NOT_KNOWN, NOT_ATTEMPTED = 105, 55
KILLED, CUT_SHORT = "killed", "cut short"


class Coordinator:
    """Answers for one id.

    states  what it says of the last transaction, one after the other, and the last one for ever; "" for none,
            KILLED to be killed in place of an answer, CUT_SHORT to give one that ends too early
    errors  by request, what it answers first
    asked   which requests came, with the bodies of those that change something
    """

    def __init__(self, states: Iterable[str], errors: dict[int, list[int]] | None = None) -> None:
        self.states = list(states)
        self.asked: list[tuple[int, bytes]] = []
        self._errors = errors or {}
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self.be_killed()

    @property
    def changes(self) -> list[int]:
        """The requests that came, less those that only ask."""
        return [request for request, _ in self.asked if request not in {FIND, DESCRIBE}]

    def be_killed(self) -> None:
        """End all connections; it serves on, as one that was started again at once."""
        for each in self._connections:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rb") as requests:
            while head := requests.read(4):
                request = requests.read(int.from_bytes(head))
                number = int.from_bytes(request[:2])
                client = int.from_bytes(request[8:10])
                body = request[10 + client :]
                self.asked.append((number, body))
                errors = self._errors.get(number, [])
                answer = request[4:8] + self._said(number, errors.pop(0) if errors else 0)
                connection.sendall(len(answer).to_bytes(4) + answer)

    def _said(self, request: int, error: int) -> bytes:
        """Return the body of an answer as Kafka's protocol has it."""
        if request == FIND:
            host, _, port = self.address.rpartition(":")
            where = struct.pack(">ih", 0, len(host)) + host.encode() + struct.pack(">i", int(port))
            return struct.pack(">ihh", 0, error, -1) + where
        if request == DESCRIBE:
            state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
            if state == KILLED:
                raise ConnectionResetError
            if state == CUT_SHORT:
                return b"\0"
            found = struct.pack(">h", error or (0 if state else NOT_KNOWN))
            text = bytes([1]) + bytes([len(state) + 1]) + state.encode()
            return b"\0" + struct.pack(">i", 0) + b"\2" + found + text + bytes(4 + 8 + 8 + 2) + b"\1\0\0"
        if request == BEGIN:
            return struct.pack(">ihqh", 0, error, 7, 3)
        if request == ADD_PARTITIONS:
            other = NOT_ATTEMPTED if error else 0
            return struct.pack(">iih", 0, 1, 1) + b"t" + struct.pack(">iihih", 2, 0, other, 1, error)
        return struct.pack(">ih", 0, error)
