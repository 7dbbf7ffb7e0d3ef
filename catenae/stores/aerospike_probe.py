"""Why the Aerospike client finds no cluster, of which it says no more than that."""

import socket
from typing import NamedTuple

from catenae.stores.aerospike_address import AerospikeAddress

# Of Aerospike's protocol: its version, the type of a request for information, and the length in 6 bytes.
HEADER_BYTES = 8
VERSION, INFO = 2, 1
# With this begins what a server says over TLS to who speaks without.
TLS_ALERT = 0x15


class Cause(NamedTuple):
    """What was found; waiting mends it, or does not."""

    text: str
    may_pass: bool = True


def probe(address: AerospikeAddress) -> Cause:
    """Ask each host without the client; return the first cause that will not pass, else that of the first."""
    causes = [_cause(host, port, address) for host, port in address.hosts]
    return next((each for each in causes if not each.may_pass), causes[0])


def _cause(host: str, port: int, address: AerospikeAddress) -> Cause:
    place = f"{host}:{port}"
    try:
        answer = _ask(host, port, b"cluster-name\n", address.timeout_s)
    except OSError as error:
        return Cause(f"{place} {_unreachable(error, address.timeout_s)}")
    if not answer:
        return Cause(f"{place} closes connections: it is starting, or no Aerospike")
    misfit = _misfit(answer, address)
    if misfit:
        return Cause(f"{place} {misfit}", may_pass=False)
    return Cause(f"{place} answers and lets no client in, as while it starts")


def _unreachable(error: OSError, timeout_s: float) -> str:
    match error:
        case socket.gaierror():
            return "has a host name that is not known"
        case ConnectionRefusedError():
            return "has nothing that listens"
        case TimeoutError():
            return f"says nothing within {timeout_s:g} s"
        case _:
            return f"cannot be reached, {error.strerror or error}"


def _misfit(answer: bytes, address: AerospikeAddress) -> str:
    """Return what is wrong with the URL or the server by what it answered, nothing if all is right."""
    if answer[0] == TLS_ALERT:
        return "speaks TLS: add tls=true to the URL"
    if answer[:2] != bytes([VERSION, INFO]):
        return "speaks another protocol than Aerospike's: correct the port"
    if address.tls:
        return "speaks without TLS: leave tls=true out of the URL"
    name = answer[HEADER_BYTES:].decode(errors="replace").rpartition("\t")[2].strip()
    if address.cluster_name not in ("", name):
        return f"is of the cluster {name!r}, the URL asks for {address.cluster_name!r}: correct one"
    return ""


def _ask(host: str, port: int, question: bytes, timeout_s: float) -> bytes:
    """Return what a server answers, nothing if it hangs up."""
    with socket.create_connection((host, port), timeout_s) as connection:
        connection.sendall(bytes([VERSION, INFO]) + len(question).to_bytes(6) + question)
        try:
            return connection.recv(4096)
        except ConnectionResetError:
            return b""
