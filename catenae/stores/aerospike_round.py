"""One round of conditional writes, until it is certain of each whether it was done.

A write that fails in transit may have been done all the same, and may even be done later, while it is already
being repeated. So each carries a version of its own, drawn at random, and is repeated with that same version:

    expected version there  it was not done yet: the repetition does it
    another one             the repetition is refused, and the version that is there decides: if it is ours,
                            an earlier attempt was done; if not, ours may have come and gone, or never come

In the last case nobody can tell, and neither "stored" nor "refused" is said. The client's own flag `in_doubt`
is not used: it is not set where the server itself gave up waiting, which leaves the same doubt.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from catenae.clock import Clock
from catenae.errors import RecordTooLarge, StoreUnavailable
from catenae.store import ABSENT
from catenae.stores.aerospike_status import REFUSALS, TRANSIENT, Status, explained

# All versions take the same space in a record, eight bytes.
LEAST_VERSION = 1 << 61
# Before each attempt.
PAUSES_S = (0.0, 0.05, 0.25)
# No attempt begins later: whoever writes has other things to look after.
LAST_ATTEMPT_S = 1.0
# What a record takes beside value, key and twice its namespace.
BESIDE_BYTES = 100


class Attempt(NamedTuple):
    """One write.

    value     None removes
    expected  the version that must be there, ABSENT for none; None where any will do
    version   what it becomes
    """

    namespace: str
    key: str
    value: bytes | None
    expected: int | None
    version: int


class Limits(NamedTuple):
    """Of a cluster: who it is, for messages, and the most that a record takes."""

    who: str
    record_bytes: int


Send = Callable[[Sequence[Attempt]], Sequence[int]]
Look = Callable[[str, Sequence[str]], Mapping[str, int]]


def new_version(former: int = ABSENT) -> int:
    """Return a version that no write of any process has had, of the other parity than the former one."""
    # Not from `random`, whose state forked processes share.
    return LEAST_VERSION + 2 * secrets.randbits(60) + 1 - former % 2


def size_bytes(attempt: Attempt) -> int:
    """Return about what the record of an attempt takes, key and all."""
    names = len(attempt.key.encode("utf-8", "surrogatepass")) + 2 * len(attempt.namespace.encode())
    return len(attempt.value or b"") + names + BESIDE_BYTES


class WriteRound:
    """Carries attempts through.

    send         brings attempts to the cluster, and returns the status of each
    look         returns the version each key of a namespace has now, negative for a removed one
    still_lives  raises `StoreUnavailable` if the cluster may have lost something of late
    """

    def __init__(
        self, send: Send, look: Look, still_lives: Callable[[], None], clock: Clock, limits: Limits
    ) -> None:
        self._send = send
        self._look = look
        self._still_lives = still_lives
        self._clock = clock
        self._limits = limits

    def run(self, attempts: Sequence[Attempt]) -> dict[str, int]:
        """Return the versions of the keys that were stored; those missing were refused.

        The attempts have different keys of one namespace. Raises `StoreUnavailable` if the cluster does not
        answer, or if nobody can tell what became of a write; others of the round may be stored then. Raises
        `RecordTooLarge` before anything is sent for a value that cannot fit, and else as the cluster says.
        """
        self._require_fit(attempts)
        stored: dict[str, int] = {}
        waiting, refused = list(attempts), []
        doubtful: set[str] = set()
        give_up_at_s = self._clock.monotonic_s() + LAST_ATTEMPT_S
        for pause_s in PAUSES_S:
            if self._clock.monotonic_s() + pause_s > give_up_at_s:
                break
            self._clock.sleep(pause_s)
            if doubtful:
                # What was written just before this round may be lost then, and nothing may stand on it.
                self._still_lives()
            again = []
            for attempt, status in zip(waiting, self._send(waiting), strict=True):
                if status == Status.OK:
                    stored[attempt.key] = attempt.version
                elif status in TRANSIENT:
                    doubtful.add(attempt.key)
                    again.append(attempt)
                elif status == Status.FILTERED_OUT and attempt.key in doubtful:
                    refused.append(attempt)
                elif status not in REFUSALS:
                    who, limit_bytes = self._limits
                    raise explained(status, who, size_bytes(attempt), limit_bytes)
            waiting = again
            if not waiting:
                return stored | self._found(refused)
        raise StoreUnavailable(
            f"{self._limits.who} did not answer {len(waiting)} of {len(attempts)} writes, nor when they were "
            "repeated; they may or may not be stored. Read them again"
        )

    def _require_fit(self, attempts: Sequence[Attempt]) -> None:
        largest = max(map(size_bytes, attempts), default=0)
        if largest > self._limits.record_bytes:
            raise RecordTooLarge(largest, self._limits.record_bytes)

    def _found(self, refused: Sequence[Attempt]) -> dict[str, int]:
        """Return those of the refused repetitions whose first attempt turns out to have been done."""
        if not refused:
            return {}
        now = self._look(refused[0].namespace, [attempt.key for attempt in refused])
        unknown = [attempt for attempt in refused if abs(now.get(attempt.key, 0)) != attempt.version]
        if unknown:
            raise StoreUnavailable(
                f"{len(unknown)} writes to {self._limits.who} were repeated after a failure, then refused; "
                "they may or may not have been stored before. Read them again"
            )
        return {attempt.key: attempt.version for attempt in refused}
