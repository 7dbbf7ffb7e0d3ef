"""What a session has handed over and not committed: the one place that says which batches still count."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter

from catenae.broker import Batch, Notes, Position
from catenae.errors import Fenced
from catenae.message import Record, TopicPartition

_PLACE, _OFFSET = itemgetter(0, 4), itemgetter(5)  # of a Record


class HandedOut:
    """The batches that are out, by serial number: of each, how far it reaches in its partitions.

    A batch without records never is out: nothing would come again. Records are not kept here, so that those
    of a batch that was handled can go before its commit.
    """

    def __init__(self) -> None:
        self._serial = 0
        self._ends: dict[int, dict[TopicPartition, int]] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is out."""
        return not self._ends

    def give(self, assignment: int, records: Sequence[Record]) -> Batch:
        """Return the records as a batch, which is out from now on."""
        if not records:
            return Batch(0, assignment, records)
        self._serial += 1
        self._ends[self._serial] = ends_of(records)
        return Batch(self._serial, assignment, records)

    def is_all(self, batches: Sequence[Batch]) -> bool:
        """Say whether these batches are what is out, no more and no less."""
        return {each.serial for each in batches if each.serial} == self._ends.keys()

    def require_all(self, batches: Sequence[Batch]) -> None:
        """Raise `Fenced` unless these batches are what is out."""
        if not self.is_all(batches):
            raise Fenced("what is held comes again, or belongs to another member now")

    def moves(
        self,
        batches: Sequence[Batch],
        notes: Notes,
        assignment: int,
        owned: Mapping[TopicPartition, Position],
    ) -> dict[TopicPartition, Position]:
        """Return where the group stands once `batches` are committed; raise `Fenced` if they cannot be.

        assignment  number of the share of the partitions that holds now, with its positions in `owned`
        """
        for each in batches:
            if each.assignment != assignment or (each.serial and each.serial not in self._ends):
                raise Fenced(
                    "a batch comes again, or its partitions have changed hands; nothing was committed"
                )
        ends = self._reached(batches)
        if not ends.keys() <= owned.keys() or not notes.keys() <= {each.partition for each in owned}:
            raise Fenced("partitions of a batch are no longer owned; nothing was committed")
        moved = {each: Position(end, owned[each].note) for each, end in ends.items()}
        if notes:
            for place, position in owned.items():
                if place.partition in notes:
                    offset = moved.get(place, position).offset
                    moved[place] = Position(offset, notes[place.partition])
        return moved

    def settle(self, batches: Sequence[Batch]) -> set[TopicPartition]:
        """Take `batches` as committed, and nothing for out; return the partitions of which more was out."""
        left = {place for place, done, end in self._parts(batches) if done < end}
        self._ends = {}
        return left

    def forget(self) -> set[TopicPartition]:
        """Take nothing for out; return the partitions of which something was."""
        return self.settle(())

    def _reached(self, batches: Sequence[Batch]) -> dict[TopicPartition, int]:
        """Return how far `batches` reach; raise `Fenced` where they leave out what was handed over before."""
        reached: dict[TopicPartition, int] = {}
        left: set[TopicPartition] = set()
        for place, done, end in self._parts(batches):
            if done and place in left:
                raise Fenced(f"a batch leaves out records of {place}; nothing was committed")
            if done:
                reached[place] = done
            if done < end:
                left.add(place)
        return reached

    def _parts(self, batches: Sequence[Batch]) -> Iterator[tuple[TopicPartition, int, int]]:
        """Yield what is out, in its order: a partition, how far `batches` reach in it or 0, and its end."""
        cuts = {each.serial: each.cuts for each in batches}
        for serial, ends in self._ends.items():
            for place, end in ends.items():
                done = min(end, cuts[serial].get(place, end)) if serial in cuts else 0
                yield place, done, end


def ends_of(records: Sequence[Record]) -> dict[TopicPartition, int]:
    """Return the offset after the last of the records in each partition."""
    last = dict(zip(map(_PLACE, records), map(_OFFSET, records), strict=True))
    return {TopicPartition(*place): offset + 1 for place, offset in last.items()}
