"""One member's part in the membership of its group: joining, renewing its lease, settling, leaving."""

import struct
from collections.abc import Collection, Iterable

from catenae.brokers.embedded.log import GROUPS, LEASES, Log
from catenae.brokers.embedded.membership import Membership, pack_membership, unpack_membership
from catenae.errors import Fenced, Superseded

RENEWALS_PER_LEASE = 4
LEASE = struct.Struct("<QQ")
# Where the lease of a member without a name would be.
GENERATION = b"\0"


def live_members(log: Log, group: str, now_ms: int) -> dict[str, str]:
    """Return the members of `group` whose lease runs, sorted, each with the number of its joining."""
    epochs = unpack_membership(log.get(GROUPS, group.encode())).epochs
    return {name: str(epochs[name]) for name in sorted(epochs) if _lease_runs(log, group, name, now_ms)}


def evict(log: Log, group: str, members: Collection[str] | None) -> None:
    """Have these members of `group` leave it; None is all of them."""
    membership = unpack_membership(log.get(GROUPS, group.encode()))
    leaving = [each for each in membership.epochs if members is None or each in members]
    for member in leaving:
        log.delete(LEASES, _lease_key(group, member))
    if leaving:
        log.put(GROUPS, group.encode(), pack_membership(membership.without(leaving)))


class Roster:
    """The membership of `member` in `group`; every method works inside the caller's transaction.

    `now_ms` is the log's own time in all of them.

    leader  a membership in another group, whose numbers are the ones to own: not an even share
    """

    def __init__(
        self, group: str, member: str, numbers: int, lease_s: float, leader: "Roster | None" = None
    ) -> None:
        self.group = group
        self.member = member
        self._leader = leader
        self._led_to: frozenset[int] = frozenset()
        self._numbers = numbers
        self._lease_ms = round(lease_s * 1000)
        self._renew_at_ms = 0
        self._epoch = 0
        self._stored: bytes | None = None
        self._owned: frozenset[int] = frozenset()

    @property
    def epoch(self) -> int:
        """The number of this joining, never given out twice; a later one under the same name fences it."""
        return self._epoch

    @property
    def owned(self) -> frozenset[int]:
        """The partition numbers this member owned when it last looked."""
        return self._owned

    def join(self, log: Log, now_ms: int) -> None:
        """Join under a new epoch and take a share of what is free."""
        membership = self._read(log)
        self._epoch = log.transaction_id
        self._write(log, membership.joined(self.member, self._epoch, self._numbers), now_ms)

    def wants_renewal(self, now_ms: int) -> bool:
        """Say whether it is time to renew the lease."""
        return now_ms >= self._renew_at_ms

    def is_late(self, now_ms: int, longest_handling_s: float) -> bool:
        """Say whether the member has not settled when it should have, but not for so long that it hangs."""
        late_ms = now_ms - self._renew_at_ms
        return 0 <= late_ms < longest_handling_s * 1000

    def renew(self, log: Log, now_ms: int) -> None:
        """Renew the lease, and nothing else, unless the membership has gone on without this member."""
        if self._read(log).epochs.get(self.member) == self._epoch:
            self._write_lease(log, now_ms)

    def is_settled(self, log: Log, now_ms: int) -> bool:
        """Say whether neither the membership has changed, its leader's too, nor the lease wants renewing."""
        return (
            not self.wants_renewal(now_ms)
            and (self._leader is None or self._leader.owned == self._led_to)
            and log.get(GROUPS, self.group.encode()) == self._stored
        )

    def settle(self, log: Log, now_ms: int) -> None:
        """Renew the lease, drop members whose lease ran out, and take one step towards an even share.

        Raises `Superseded` if another instance has joined under this member's name.
        """
        membership = self._read(log)
        epoch = membership.epochs.get(self.member)
        if epoch is None:
            self.join(log, now_ms)
        elif epoch != self._epoch:
            raise Superseded(
                f"member {self.member!r} of group {self.group!r} was replaced by a newer instance"
            )
        else:
            self._write(log, membership, now_ms)

    def require(self, log: Log, partitions: Iterable[int]) -> None:
        """Raise `Fenced` unless this member, under this epoch, owns all of `partitions`."""
        owned = self._owned
        if log.get(GROUPS, self.group.encode()) != self._stored:
            membership = self._read(log)
            is_current = membership.epochs.get(self.member) == self._epoch
            owned = frozenset(membership.owned_by(self.member) if is_current else ())
        lost = set(partitions).difference(owned)
        if lost:
            raise Fenced(
                f"member {self.member!r} of group {self.group!r} no longer owns partitions {sorted(lost)}; "
                f"nothing was committed"
            )

    def next_generation(self, log: Log, now_ms: int) -> int:
        """Return a number larger than any the group had, and than those of logs that were removed since."""
        key = self.group.encode() + GENERATION
        stored = log.get(LEASES, key)
        generation = max(now_ms, 0 if stored is None else int(stored) + 1)
        log.put(LEASES, key, str(generation).encode())
        return generation

    def leave(self, log: Log) -> None:
        """Give everything up, unless a newer instance has taken over the name."""
        membership = self._read(log)
        if membership.epochs.get(self.member) == self._epoch:
            log.put(GROUPS, self.group.encode(), pack_membership(membership.without([self.member])))
            log.delete(LEASES, _lease_key(self.group, self.member))

    def _read(self, log: Log) -> Membership:
        return unpack_membership(log.get(GROUPS, self.group.encode()))

    def _write(self, log: Log, membership: Membership, now_ms: int) -> None:
        others = (name for name in membership.epochs if name != self.member)
        expired = [name for name in others if not _lease_runs(log, self.group, name, now_ms)]
        settled = self._settled(membership.without(expired))
        self._stored = pack_membership(settled)
        self._owned = frozenset(settled.owned_by(self.member))
        self._renew_at_ms = now_ms + self._lease_ms // RENEWALS_PER_LEASE
        log.put(GROUPS, self.group.encode(), self._stored)
        self._write_lease(log, now_ms)

    def _settled(self, membership: Membership) -> Membership:
        if self._leader is None:
            return membership.settled(self.member)
        self._led_to = self._leader.owned
        return membership.led(self.member, self._led_to)

    def _write_lease(self, log: Log, now_ms: int) -> None:
        lease = LEASE.pack(now_ms, now_ms + self._lease_ms)
        log.put(LEASES, _lease_key(self.group, self.member), lease)


def _lease_key(group: str, member: str) -> bytes:
    return group.encode() + b"\0" + member.encode()


def _lease_runs(log: Log, group: str, member: str, now_ms: int) -> bool:
    stored = log.get(LEASES, _lease_key(group, member))
    if stored is None:
        return False
    ends_ms: int
    _, ends_ms = LEASE.unpack(stored)
    return now_ms < ends_ms
