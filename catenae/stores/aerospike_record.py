"""How a key of a Store lies in Aerospike.

All namespaces of a Store share one of Aerospike's sets, of which a cluster has but 4,095 for all time. A
record:

    user key  namespace 00 key   stored too, so that a scan gives keys back
    n         namespace          so that the server picks those of one namespace
    t         version            random; negative marks a removed key
    v         value              empty for a removed key
    p         padding            1 to 64 bytes

Two versions of a record that follow each other never take equal space. A server overwrites a record that it
has not flushed yet in place if the new version takes as many units of 16 bytes, and flushes its buffer in
pieces: killed in between, it would keep the new version at the front, and lose what was written to other keys
before it. So the last bit of the version and whether the key is removed say into which of four sizes, modulo
64 bytes, value and padding go; every other part of a record has the same size in all of its versions.

The version is ours, not Aerospike's generation, which starts again at 1 after a removal and has 16 bits. A
removed key leaves its record behind, emptied: the Community Edition forgets removals when it restarts.
"""

from typing import Any

import aerospike
from aerospike_helpers import expressions
from aerospike_helpers.batch.records import Write
from aerospike_helpers.operations import operations

from catenae.errors import StoreError
from catenae.store import ABSENT, Entry
from catenae.stores.aerospike_round import Attempt

NAMESPACE, VERSION, VALUE, PADDING = "n", "t", "v", "p"
UNIT_BYTES, SIZES = 16, 4
MAX_NAMESPACE_BYTES = 255


def user_key(namespace: str, key: str) -> bytearray:
    """Return the user key; StoreError unless the namespace is printable text of 1 to 255 bytes."""
    encoded = namespace.encode("utf-8", "surrogatepass")
    if not namespace.isprintable() or not 1 <= len(encoded) <= MAX_NAMESPACE_BYTES:
        raise StoreError(
            f"a namespace of {len(encoded)} bytes was given; it must be printable text of 1 to "
            f"{MAX_NAMESPACE_BYTES} bytes"
        )
    # The client takes `bytes` for text and cuts them at the first NUL; a `bytearray` it leaves alone.
    return bytearray(encoded + b"\x00" + key.encode("utf-8", "surrogatepass"))


def key_text(found: bytearray) -> str:
    """Return the Store's key of a user key."""
    return bytes(found).partition(b"\x00")[2].decode("utf-8", "surrogatepass")


def entry(bins: dict[str, Any]) -> Entry | None:
    """Return what a record holds, None if its key was removed."""
    version = bins[VERSION]
    return Entry(bytes(bins.get(VALUE, b"")), version) if version > 0 else None


def write(place: tuple[str, str], attempt: Attempt) -> Write:
    """Return the request for an attempt; `place` is Aerospike's namespace and set."""
    is_removal = attempt.value is None
    policy: dict[str, Any] = {
        "key": aerospike.POLICY_KEY_SEND,
        "ttl": aerospike.TTL_NEVER_EXPIRE,
        "exists": aerospike.POLICY_EXISTS_IGNORE,
    }
    if is_removal or attempt.expected:
        policy["exists"] = aerospike.POLICY_EXISTS_UPDATE
    if attempt.expected is not None:
        # The server passes over a filter where there is no record at all, which is what ABSENT wants.
        policy["expressions"] = _removed() if attempt.expected == ABSENT else _is_version(attempt.expected)
    return Write(
        (*place, user_key(attempt.namespace, attempt.key)),
        [
            operations.write(NAMESPACE, attempt.namespace),
            operations.write(VERSION, -attempt.version if is_removal else attempt.version),
            operations.write(VALUE, attempt.value or b""),
            operations.write(PADDING, padding(attempt)),
        ],
        policy=policy,
    )


def padding(attempt: Attempt) -> bytes:
    """Return what makes the record of another size than one of the other parity, or not removed."""
    size = 2 * (attempt.value is None) + attempt.version % 2
    cycle_bytes = UNIT_BYTES * SIZES
    return bytes(1 + (size * UNIT_BYTES - 1 - len(attempt.value or b"")) % cycle_bytes)


def live(namespace: str | None) -> Any:
    """Return the filter for keys that were not removed, of one namespace or of all."""
    has_value = expressions.GT(expressions.IntBin(VERSION), 0)
    if namespace is None:
        return has_value.compile()
    return expressions.And(has_value, expressions.Eq(expressions.StrBin(NAMESPACE), namespace)).compile()


def _removed() -> Any:
    return expressions.LT(expressions.IntBin(VERSION), 0).compile()


def _is_version(version: int) -> Any:
    return expressions.Eq(expressions.IntBin(VERSION), version).compile()
