"""What Aerospike answers, and which error of ours it is."""

from enum import IntEnum

from catenae.errors import (
    CatenaeError,
    ConfigError,
    NoRoom,
    RecordTooLarge,
    StoreError,
    StoreUnavailable,
)

# So many keys at most in one request, below the 5,000 that servers take unless told otherwise.
ROUND_KEYS = 2000


class Status(IntEnum):
    """The numbers of the wire protocol that this store tells apart; those below 0 are the client's own."""

    BATCH_FAILED = -16
    NO_RESPONSE = -15
    TOO_MANY_ERRORS = -14
    MAX_RETRIES = -12
    CONNECTION = -10
    TLS = -9
    INVALID_NODE = -8
    NO_MORE_CONNECTIONS = -7
    INVALID_HOST = -4
    CLIENT = -1
    OK = 0
    SERVER = 1
    NOT_FOUND = 2
    CLUSTER_CHANGE = 7
    SERVER_FULL = 8
    TIMEOUT = 9
    NO_CLUSTER = 11
    RECORD_TOO_BIG = 13
    RECORD_BUSY = 14
    DEVICE_OVERLOAD = 18
    NO_NAMESPACE = 20
    FORBIDDEN = 22
    FILTERED_OUT = 27
    SECURITY_FIRST = 51
    SECURITY_LAST = 83
    BATCH_TOO_LARGE = 151
    BATCH_QUEUES_FULL = 152
    QUERY_QUEUE_FULL = 211
    QUERY_TIMEOUT = 212


TRANSIENT = frozenset(
    {
        Status.BATCH_FAILED,
        Status.NO_RESPONSE,
        Status.TOO_MANY_ERRORS,
        Status.MAX_RETRIES,
        Status.CONNECTION,
        Status.INVALID_NODE,
        Status.NO_MORE_CONNECTIONS,
        Status.SERVER,
        Status.CLUSTER_CHANGE,
        Status.TIMEOUT,
        Status.NO_CLUSTER,
        Status.RECORD_BUSY,
        Status.DEVICE_OVERLOAD,
        Status.BATCH_QUEUES_FULL,
        Status.QUERY_QUEUE_FULL,
        Status.QUERY_TIMEOUT,
    }
)
REFUSALS = frozenset({Status.NOT_FOUND, Status.FILTERED_OUT})


def explained(status: int, who: str, size_bytes: int = 0, limit_bytes: int = 0) -> CatenaeError:
    """Return the error for a status; `who` is the cluster, the sizes are those of the record it came for."""
    who = f"{who} answered with status {_named(status)}"
    if status in TRANSIENT:
        return StoreUnavailable(f"{who}; the cluster is away or overloaded at the moment")
    if status == Status.RECORD_TOO_BIG:
        return RecordTooLarge(size_bytes, limit_bytes)
    if status == Status.SERVER_FULL:
        return NoRoom(f"{who}: the namespace stops writes, memory or disk is full. Make room there")
    if status == Status.BATCH_TOO_LARGE:
        return ConfigError(f"store: {who}; let batch-max-requests of its nodes be {ROUND_KEYS:,} or more")
    if Status.SECURITY_FIRST <= status <= Status.SECURITY_LAST:
        return StoreError(
            f"{who}: credentials are missing, wrong, without the right to this, or of no use where security "
            "is off, as in the Community Edition. Correct the URL, or the user's rights"
        )
    return StoreError(f"{who}, which this store does not expect. Look it up among Aerospike's error codes")


def _named(status: int) -> str:
    return next((f"{status} ({each.name})" for each in Status if each == status), f"{status}")
