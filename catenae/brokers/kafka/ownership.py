"""Which partitions a member owns, and how far the group is in each."""

import logging
from collections.abc import Callable, Collection, Mapping

from catenae.broker import Position
from catenae.brokers.kafka.client import Positions, Unsettled
from catenae.brokers.kafka.stored import Stored
from catenae.clock import Clock
from catenae.message import TopicPartition

logger = logging.getLogger(__name__)

BEGINNING = Position(0)


class Ownership:
    """What the client says of a member's partitions while it fetches, made good by `adopt` afterwards.

    generation   a new one each time, larger than that of any earlier owner of the same partitions: it is kept
                 beside every position, and the clock makes up for positions that Kafka has forgotten
    is_changing  partitions have come or gone, and `adopt` is due
    held         given to the member and not owned: a transaction that has not ended holds their positions
    committed    asks Kafka for the group's positions in some partitions
    """

    def __init__(self, committed: Callable[[Collection[TopicPartition]], Positions], clock: Clock) -> None:
        self.owned: dict[TopicPartition, Position] = {}
        self.generation = 0
        self.is_changing = False
        self.held: set[TopicPartition] = set()
        self._committed = committed
        self._clock = clock
        self._taken: set[TopicPartition] = set()
        self._adopted: set[TopicPartition] = set()

    def take(self, partitions: Collection[TopicPartition]) -> None:
        """Note that the member has been given these; they are owned once their positions are known."""
        self._taken.update(partitions)
        self.is_changing = True

    def lose(self, partitions: Collection[TopicPartition]) -> None:
        """Note that the member owns these no longer."""
        self._taken.difference_update(partitions)
        self.held.difference_update(partitions)
        for each in partitions:
            self.owned.pop(each, None)
        self.is_changing = True

    def adopt(
        self, freshen: Callable[[], None], commit: Callable[[Positions], None]
    ) -> Collection[TopicPartition]:
        """Own what was taken, from the group's positions on, under a new generation; may be repeated.

        freshen  has Kafka know the group's positions as they are
        commit   moves the group; raises `Fenced` if something has been taken away again meanwhile

        Returns what was taken: whatever the client has fetched of it so far may be from before.
        """
        if self._taken:
            freshen()
        found = self._settled()
        if self.held and not self._taken and self.owned.keys() == self._adopted:
            self.is_changing = False
            return ()
        taken = {each: found[each].position if each in found else BEGINNING for each in self._taken}
        self._begin_generation(found)
        owned = {**self.owned, **taken}
        if owned:
            commit(self.stored(owned))
        self.owned = owned
        self._adopted = set(owned)
        self._taken.clear()
        self.is_changing = False
        return taken.keys()

    def look_again(self) -> None:
        """Note that the positions of what is held must be asked for again."""
        self._taken |= self.held
        self.is_changing = bool(self.held)
        self.held.clear()

    def doubt(self) -> None:
        """Note that the positions of everything owned must be asked for again."""
        self._taken.update(self.owned)
        self.is_changing = True

    def has_passed_on(self) -> bool:
        """Say whether somebody has adopted one of the partitions since; as well where there never was one."""
        found = self._committed(self._adopted) if self._adopted else {}
        return not found or any(each.generation > self.generation for each in found.values())

    def stored(self, positions: Mapping[TopicPartition, Position]) -> dict[TopicPartition, Stored]:
        """Return what is to be kept of positions that this member commits."""
        return {each: Stored.of(position, self.generation) for each, position in positions.items()}

    def _settled(self) -> Positions:
        """Return the positions of what was taken; what is held is left for later, where there is more.

        With a partition its number is left in all topics: what belongs together is owned together.
        """
        if not self._taken:
            return {}
        try:
            return self._committed(self._taken)
        except Unsettled as error:
            numbers = {each.partition for each in error.partitions}
            held = {each for each in self._taken if each.partition in numbers}
            if not (self._taken | self.owned.keys()) - held:
                raise
            logger.warning("partitions wait, the others go on", extra={"reason": str(error)})
        self._taken -= held
        self.held |= held
        for each in held:
            self.owned.pop(each, None)
        return self._settled()

    def _begin_generation(self, found: Mapping[TopicPartition, Stored]) -> None:
        earlier = max((each.generation for each in found.values()), default=0)
        self.generation = max(self.generation + 1, earlier + 1, int(self._clock.now_s() * 1000))
