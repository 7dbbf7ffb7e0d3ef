"""The contract of a chain: groups of one process, of which one reads what another writes.

A broker on the machine of its readers can say where a record will be before it is there. So what one link
writes is handed to the next at once, and one commit moves all of them on.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from catenae.broker import NO_NOTES, Batch, Broker, Input, Notes, Session
from catenae.message import Record


class Seat(NamedTuple):
    """What a link joins, as `Broker.join`."""

    group: str
    member: str
    inputs: Sequence[Input]


class Part(NamedTuple):
    """What one link commits.

    batches, notes  as in `Session.commit`
    outputs         beside what it passed on
    """

    batches: Sequence[Batch]
    notes: Notes = NO_NOTES
    outputs: Sequence[Record] = ()


class Chain(Protocol):
    """Sessions of several groups that commit as one. Not thread-safe: one thread for all of them.

    Each keeps the promises of a `Session`, but for `stage` and `commit`, in place of which are `pass_on` and
    `commit` here. Partitions follow the first link: the others own the numbers that it owns, as far as nobody
    else has them.
    """

    @property
    def sessions(self) -> Sequence[Session]:
        """The sessions, in the order of the links."""

    def begin(self) -> None:
        """Forget what was passed on and not committed; every session hands over again what it had of it."""

    def pass_on(self, link: int, outputs: Sequence[Record]) -> Sequence[Batch]:
        """Append `outputs` with the next commit, and return what each session is to handle of them by then.

        link  the number of that which made them: those after it are handed something, and no other

        A record is handed to a session that reads its topic without a delay just as a poll after the commit
        would: with the partition, the offset and the time at which it will be there, and after all that is
        before it in its partition. A record of which that cannot be said, because the session does not own
        its partition, has not had what is before it, pauses it, or others write there too, is handed to
        nobody, and neither is what follows it there; nor more than one poll may bring. That, a poll brings
        once it is written. The batch of a session that gets none is an empty one.
        """

    def commit(self, parts: Sequence[Part]) -> None:
        """Append what was passed on and the outputs of all parts, and move every group on, all or nothing.

        parts  of each session, in their order

        Raises as `Session.commit`, and `Fenced` too where somebody has written meanwhile in a place of what
        was passed on; nothing is written then, and all comes again.
        """

    def close(self) -> None:
        """Leave all groups."""


@runtime_checkable
class ChainBroker(Broker, Protocol):
    """A broker that can say where a record will be."""

    def join_chain(self, seats: Sequence[Seat]) -> Chain:
        """Join several groups at once, each as `Broker.join` does."""
