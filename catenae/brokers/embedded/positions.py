"""Where a member goes on in what it takes over, and what of that is lost to its group."""

from collections.abc import Mapping, Sequence

from catenae.broker import Input, Position, Span
from catenae.brokers.embedded.log import Log
from catenae.brokers.embedded.roster import Roster
from catenae.brokers.losses import losses
from catenae.errors import Loss, RecordsLost
from catenae.message import TopicPartition


class Positions:
    """The positions of one member's partitions, read when it takes them over.

    Of a group that came back late, what it had not read may be gone: nothing is kept for a group without
    members that no topology declares. That is told before the group is moved on, so that a caller who refuses
    finds the same again; where the group goes on is decided then, whatever is written meanwhile.
    """

    def __init__(self, inputs: Sequence[Input]) -> None:
        self._is_read = {each.topic: each.is_read for each in inputs}
        self._untold: list[Loss] = []
        # By epoch too: only under the same one has nobody else moved the group since.
        self._told: dict[tuple[int, TopicPartition, int], int] = {}

    def take_over(self, log: Log, roster: Roster) -> dict[TopicPartition, Position]:
        """Return, and keep, the position of each owned partition; of one that is lost, once that was told."""
        found, spans = self._found(log, roster)
        told = {
            where: self._told[roster.epoch, where, position.offset]
            for where, position in found.items()
            if (roster.epoch, where, position.offset) in self._told
        }
        read = {each: at.offset for each, at in found.items() if self._is_read[each.topic]}
        self._untold = [
            each for each in losses(read, spans) if TopicPartition(each.topic, each.partition) not in told
        ]
        for lost in self._untold:
            del found[TopicPartition(lost.topic, lost.partition)]
        self._told = {}
        owned = {each: at._replace(offset=told.get(each, at.offset)) for each, at in found.items()}
        for each, position in owned.items():
            log.put_position(roster.group, log.topic(each.topic), each.partition, position)
        return owned

    def require_told(self, roster: Roster) -> None:
        """Raise `RecordsLost` for what was found to be lost, once; the next `take_over` goes on without."""
        if self._untold:
            lost, self._untold = self._untold, []
            self._told = {
                (roster.epoch, TopicPartition(each.topic, each.partition), each.position): each.goes_on_at
                for each in lost
            }
            raise RecordsLost(roster.group, lost)

    def _found(
        self, log: Log, roster: Roster
    ) -> tuple[dict[TopicPartition, Position], Mapping[TopicPartition, Span]]:
        found, spans = {}, {}
        for name in self._is_read:
            topic = log.topic(name)
            for number, (start, end, _) in enumerate(log.extents(topic)):
                if number in roster.owned:
                    where = TopicPartition(name, number)
                    found[where] = log.position(roster.group, topic, number) or Position(start)
                    spans[where] = Span(start, end)
        return found, spans
