"""Kafka's protocol over one connection, and the words of it by which a port says whom it lets in."""

import base64
import hashlib
import hmac
import secrets
import socket
import struct
from collections.abc import Generator
from typing import NamedTuple

from catenae.errors import CatenaeError

MECHANISM_UNKNOWN, NO_SASL_HERE = 33, 34

_SASL_HANDSHAKE, _SASL_AUTHENTICATE = 17, 36
_LONGEST_ANSWER = 1 << 20
_SCRAM = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}


class NotKafka(CatenaeError):
    """The other side ended the connection, or spoke something else."""


class Mechanisms(NamedTuple):
    """The answer to a handshake: an error code, 0 for none, and the mechanisms of SASL there are."""

    error: int
    names: tuple[str, ...]


class Refusal(NamedTuple):
    """Why somebody is not let in, in Kafka's words; they may be none."""

    reason: str


def handshake(connection: socket.socket, mechanism: str) -> Mechanisms:
    """Ask for a mechanism of SASL. Raises `NotKafka`, and `OSError` as sockets do."""
    size = len(mechanism.encode()).to_bytes(2)
    answer = ask(connection, _SASL_HANDSHAKE, 1, size + mechanism.encode())
    error, count = struct.unpack_from(">hi", answer)
    names, at = [], 6
    for _ in range(count):
        end = at + 2 + int.from_bytes(answer[at : at + 2])
        names.append(answer[at + 2 : end].decode())
        at = end
    return Mechanisms(error, tuple(names))


def authenticate(connection: socket.socket, mechanism: str, user: str, password: str) -> Refusal | None:
    """Say who comes, after a handshake; return why that is refused, None if it is not.

    None as well for a mechanism other than PLAIN and SCRAM, of which nothing is said.
    """
    if mechanism == "PLAIN":
        conversation = _plain(user, password)
    elif mechanism in _SCRAM:
        conversation = _scram(_SCRAM[mechanism], user, password)
    else:
        return None
    says = next(conversation)
    while True:
        answer = ask(connection, _SASL_AUTHENTICATE, 0, len(says).to_bytes(4) + says)
        error, size = struct.unpack_from(">hh", answer)
        end = 4 + max(0, size)
        if error:
            return Refusal(answer[4:end].decode())
        try:
            says = conversation.send(answer[end + 4 :])
        except StopIteration:
            return None


def ask(connection: socket.socket, request: int, version: int, body: bytes) -> bytes:
    """Return the body of the answer to a request. Raises `NotKafka`, and `OSError` as sockets do."""
    header = struct.pack(">hhih", request, version, 0, len(b"catenae")) + b"catenae"
    connection.sendall((len(header) + len(body)).to_bytes(4) + header + body)
    size = int.from_bytes(_received(connection, 4))
    if not 4 <= size <= _LONGEST_ANSWER:
        raise NotKafka("what answers is not Kafka")
    return _received(connection, size)[4:]


def _plain(user: str, password: str) -> Generator[bytes, bytes, None]:
    yield f"\0{user}\0{password}".encode()


def _scram(digest: str, user: str, password: str) -> Generator[bytes, bytes, None]:
    """Source: RFC 5802. That the server knows the password too is left to the client to check."""
    name = user.replace("=", "=3D").replace(",", "=2C")
    first = f"n={name},r={secrets.token_hex(16)}"
    said = (yield f"n,,{first}".encode()).decode()
    parts = dict(each.split("=", 1) for each in said.split(","))
    salt, rounds = base64.b64decode(parts["s"]), int(parts["i"])
    salted = hashlib.pbkdf2_hmac(digest, password.encode(), salt, rounds)
    key = hmac.digest(salted, b"Client Key", digest)
    last = f"c=biws,r={parts['r']}"
    signature = hmac.digest(hashlib.new(digest, key).digest(), f"{first},{said},{last}".encode(), digest)
    proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
    yield f"{last},p={base64.b64encode(proof).decode()}".encode()


def _received(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        more = connection.recv(size - len(received))
        if not more:
            raise NotKafka("the connection was ended")
        received += more
    return received
