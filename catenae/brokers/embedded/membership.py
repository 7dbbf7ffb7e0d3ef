"""Who owns which partitions of a group: plain data, changed one cooperative step at a time.

The unit of ownership is a partition *number*: whoever owns number 3 owns partition 3 of every topic the group
reads, so that equal partitions of several topics stay together. Ownership carries the epoch of the owner's
joining; a commit under any other epoch is refused. A number moves in two steps, each taken by the member it
concerns when it has nothing unfinished: its owner gives it up, then the next one takes it. No step of
one member ever takes a number from another whose lease runs.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import msgpack


@dataclass(frozen=True, slots=True)
class Membership:
    """The members of one group by name, with their epochs, and the owner of each partition number.

    numbers  how many partition numbers there are: the largest partition count among the topics read
    owners   partition number → member; a number nobody owns is absent
    """

    numbers: int
    epochs: dict[str, int] = field(default_factory=dict)
    owners: dict[int, str] = field(default_factory=dict)

    def joined(self, member: str, epoch: int, numbers: int) -> "Membership":
        """`member` under a new epoch; what an earlier instance of that name owned, it owns."""
        return Membership(numbers, {**self.epochs, member: epoch}, self._owners_below(numbers))

    def without(self, members: Iterable[str]) -> "Membership":
        """The rest after `members` left or let their leases run out."""
        gone = set(members)
        return replace(
            self,
            epochs={name: epoch for name, epoch in self.epochs.items() if name not in gone},
            owners={number: owner for number, owner in self.owners.items() if owner not in gone},
        )

    def settled(self, member: str) -> "Membership":
        """The step `member` takes towards an even share: give up what is too much, or take what is free."""
        owned = self.owned_by(member)
        share = self._share(member)
        owners = dict(self.owners)
        for number in owned[share:]:
            del owners[number]
        free = (number for number in range(self.numbers) if number not in self.owners)
        for number, _ in zip(free, range(share - len(owned)), strict=False):
            owners[number] = member
        return replace(self, owners=owners)

    def led(self, member: str, numbers: Collection[int]) -> "Membership":
        """The step `member` takes towards owning these numbers, whatever its share would be."""
        kept = {
            number: owner for number, owner in self.owners.items() if owner != member or number in numbers
        }
        return replace(self, owners={**dict.fromkeys(sorted(numbers), member), **kept})

    def owned_by(self, member: str) -> list[int]:
        """The partition numbers of `member`, ascending."""
        return sorted(number for number, owner in self.owners.items() if owner == member)

    def _share(self, member: str) -> int:
        """An even share; of the odd ones over, those who own most keep one each, so that little moves."""
        each, over = divmod(self.numbers, len(self.epochs))
        by_holding = sorted(self.epochs, key=lambda name: (-len(self.owned_by(name)), name))
        return each + (by_holding.index(member) < over)

    def _owners_below(self, numbers: int) -> dict[int, str]:
        return {number: owner for number, owner in self.owners.items() if number < numbers}


def pack_membership(membership: Membership) -> bytes:
    """Encode a membership; equal memberships give equal bytes."""
    return bytes(
        msgpack.packb(
            (membership.numbers, sorted(membership.epochs.items()), sorted(membership.owners.items()))
        )
    )


def unpack_membership(stored: bytes | None) -> Membership:
    """Decode what `pack_membership` made; None is a group nobody ever joined."""
    if stored is None:
        return Membership(0)
    numbers, epochs, owners = _pairs(stored)
    return Membership(numbers, dict(epochs), dict(owners))


def _pairs(stored: bytes) -> Any:
    return msgpack.unpackb(stored)
