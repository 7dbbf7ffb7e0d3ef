"""Between how many instances a node may have, and which of those counts are of use."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one node.

    least, most  instances
    target       the share of its time that an instance is to be busy
    partitions   that its instances share: so many is the most that is of use
    """

    least: int
    most: int
    target: float
    partitions: int

    def hold(self, instances: int) -> bool:
        """Say whether so many are within them."""
        return self.least <= instances <= self.most

    def useful(self, instances: int) -> int:
        """Return the fewest instances whose fullest has as few partitions as with so many; in bounds."""
        bounded = max(self.least, min(instances, self.most, self.partitions))
        return max(self.least, math.ceil(self.partitions / self.fullest(bounded)))

    def fullest(self, instances: int) -> int:
        """Return how many partitions the fullest of so many instances has."""
        return math.ceil(self.partitions / max(1, instances))

    def worth(self, instances: int) -> float:
        """Return how many instances' work so many do: the fullest one is the first without time to spare."""
        return self.partitions / self.fullest(instances) if instances else 0.0

    def count(self, need: float, fullest_share: float = 0.0) -> int:
        """Return the fewest instances that do the work of `need`; as many as may be where none do.

        fullest_share  of the load that one partition has: whoever has that one is relieved by nobody
        """
        has_most = max(1, math.floor(self.partitions * fullest_share + 1e-9))
        each = max(has_most, math.floor(self.partitions / max(need, 1e-9) + 1e-9), 1)
        return self.useful(math.ceil(self.partitions / min(each, self.partitions)))
