"""What a session has handed over and not committed: the one place that says which batches still count."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any

from catenae.broker import Batch, Notes, Position
from catenae.errors import Fenced
from catenae.message import Record, TopicPartition

_PLACE, _OFFSET = itemgetter(0, 4), itemgetter(5)  # of a Record


class HandedOut:
    """The batches that are out, by serial number. One without records never is: nothing would come again."""

    def __init__(self) -> None:
        self._serial = 0
        self._batches: dict[int, Batch] = {}

    @property
    def is_empty(self) -> bool:
        """Whether nothing is out."""
        return not self._batches

    def give(self, assignment: int, records: Sequence[Record]) -> Batch:
        """Return the records as a batch, which is out from now on."""
        self._serial += 1
        batch = Batch(self._serial, assignment, records)
        if records:
            self._batches[self._serial] = batch
        return batch

    def is_all(self, batches: Sequence[Batch]) -> bool:
        """Say whether these batches are what is out, no more and no less."""
        return {each.serial for each in batches if each.records} == self._batches.keys()

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
            if each.assignment != assignment or (each.records and each.serial not in self._batches):
                raise Fenced(
                    "a batch comes again, or its partitions have changed hands; nothing was committed"
                )
        if not self._is_whole(batches):
            self._require_no_gap(batches)
        ends = _ends_of(batches)
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
        if self._is_whole(batches):
            self._batches = {}
            return set()
        committed, out = _ends_of(batches), _ends_of(self._batches.values())
        self._batches = {}
        return {each for each, end in out.items() if end > committed.get(each, 0)}

    def forget(self) -> set[TopicPartition]:
        """Take nothing for out; return the partitions of which something was."""
        return self.settle(())

    def _is_whole(self, batches: Sequence[Batch]) -> bool:
        """Say whether these are all that is out, with all of their records: nearly always."""
        some = [each for each in batches if each.records]
        return len(some) == len(self._batches) and all(
            each.serial in self._batches and each.records is self._batches[each.serial].records
            for each in some
        )

    def _require_no_gap(self, batches: Sequence[Batch]) -> None:
        """Raise `Fenced` unless `batches` hold, of each of their partitions, what was handed over first."""
        out, named = _offsets(self._batches.values()), _offsets(batches)
        for each, offsets in named.items():
            if out[each][: len(offsets)] != offsets:
                raise Fenced(f"a batch leaves out records of {each}; nothing was committed")


def _ends_of(batches: Iterable[Batch]) -> dict[TopicPartition, int]:
    """Return the offset after the last of the records in each partition."""
    last: dict[Any, Any] = {}
    for each in sorted(batches, key=attrgetter("serial")):
        last.update(zip(map(_PLACE, each.records), map(_OFFSET, each.records), strict=True))
    return {TopicPartition(*place): offset + 1 for place, offset in last.items()}


def _offsets(batches: Iterable[Batch]) -> dict[TopicPartition, list[int]]:
    offsets: defaultdict[TopicPartition, list[int]] = defaultdict(list)
    for batch in sorted(batches, key=attrgetter("serial")):
        for each in batch.records:
            offsets[TopicPartition(each.topic, each.partition)].append(each.offset)
    return offsets
