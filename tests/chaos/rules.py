"""What each kind of service makes of a message: all that the services and the recount have in common.

A message is named by the way it has come, its path: "orders-17.a2.b0" is the first that node `b` made of the
third that node `a` made of the 18th of `orders`. All else follows from the path alone, so whoever knows what
went in knows what has to come out.
"""

from collections.abc import Iterator
from typing import NamedTuple
from zlib import crc32

from catenae import Node

KEYS = 23
OUT, AGAIN, LATER = "out", "again", "later"
# Large beside a usual message, small enough for every broker.
LARGE_BYTES = 200_000
# More than any broker takes.
TOO_LARGE_BYTES = 64 * 2**20
POISONOUS, TOO_LARGE = "Poison", "RecordTooLarge"


class Made(NamedTuple):
    """A message that a handler makes of another: by which port it leaves, its path and its key."""

    port: str
    path: str
    key: str


def key_of(path: str) -> str:
    return f"k{crc32(path.encode()) % KEYS}"


def amount_of(path: str) -> int:
    return crc32(path.encode()) % 1009 - 100


def parent_of(path: str) -> str:
    return path.rpartition(".")[0]


def is_large(path: str) -> bool:
    return _draw("large", path) % 301 == 0


def is_poison(mark: str, path: str) -> bool:
    """Say whether the node of this mark can never handle this message."""
    return _draw(f"poison {mark}", path) % 211 == 0


def is_swollen(mark: str, path: str) -> bool:
    """Say whether what the node of this mark makes of this message is more than a broker takes."""
    return _draw(f"swollen {mark}", path) % 499 == 0


def refusal(mark: str, is_middle: bool, path: str) -> str:
    """Return why the node of this mark sets this message aside; "" where it does not."""
    if is_poison(mark, path):
        return POISONOUS
    return TOO_LARGE if is_middle and is_swollen(mark, path) else ""


def is_hiccup(mark: str, path: str) -> bool:
    """Say whether the node of this mark fails to handle this message the first time."""
    return _draw(f"hiccup {mark}", path) % 199 == 0


def service_of(node: Node) -> str:
    """Return the name of the class that a node runs."""
    return node.service.rpartition(":")[2]


def value_of(path: str) -> dict[str, object]:
    """Return what a message of this path carries."""
    value: dict[str, object] = {"path": path, "amount": amount_of(path)}
    if is_large(path):
        value["ballast"] = path[-1].encode() * LARGE_BYTES
    return value


def swollen(value: dict[str, object]) -> dict[str, object]:
    """Return what a message carries that no broker takes."""
    return {**value, "ballast": bytes(TOO_LARGE_BYTES)}


def fanned(mark: str, width: int, path: str) -> Iterator[Made]:
    """Yield so many messages, each with a key of its own."""
    for number in range(width):
        child = f"{path}.{mark}{number}"
        yield Made(OUT, child, key_of(child))


def counted(mark: str, ports: frozenset[str], path: str, key: str) -> Iterator[Made]:
    """Yield one message of the same key, and one for one in four to be looked at again, at once or later."""
    yield Made(OUT, f"{path}.{mark}0", key)
    again = {0: AGAIN, 1: LATER}.get(_draw(f"again {mark}", path) % 4)
    if again in ports:
        yield Made(str(again), f"{path}.{mark}1", key)


def _draw(purpose: str, path: str) -> int:
    return crc32(f"{purpose} {path}".encode())
