"""How a batch is shared among several inputs: ready-made, or a class of one's own that `input_mode` names."""

from collections.abc import Mapping, Sequence

BASE = 1.7


class InputMode:
    """Gives each input its share of the next batch. Subclass it, and name it: `input_mode="services.x:Mine"`.

    Whatever it gives, batches are as full as what waits allows: room that it leaves, or for which an input
    has nothing, goes to the others. And no input that has records is left out of a hundred batches in a row.

    topics  the inputs, in the order of `reads`
    """

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = topics

    def share(self, records: int) -> Mapping[str, int]:
        """Return how much of a batch of so many records each input may fill.

        They are given room that is left in the order of the mapping, and then those that are not in it.
        """
        raise NotImplementedError

    def took(self, records: Mapping[str, int]) -> None:
        """Be told how many records of each input a batch has held; an input that had none is left out."""


class Exponential(InputMode):
    """The order of the inputs is their priority: input i of n has weight 1.7^(n-1-i).

    Every batch gives each input credit by weight, and a record takes one of it; what an input had no records
    for, it keeps up to a batch's worth. So the shares hold over a window of batches, also when a batch is a
    single record, and none starves. Room that credit leaves goes to whoever has records.
    """

    def __init__(self, topics: Sequence[str]) -> None:
        super().__init__(topics)
        weights = [BASE ** (len(topics) - 1 - place) for place in range(len(topics))]
        self._shares = {topic: weight / sum(weights) for topic, weight in zip(topics, weights, strict=True)}
        self._credit = dict.fromkeys(topics, 0.0)
        self._most = 1

    def share(self, records: int) -> Mapping[str, int]:
        self._most = records
        for topic, share in self._shares.items():
            self._credit[topic] = min(self._credit[topic] + share * records, records)
        order = sorted(self._credit, key=self._credit.__getitem__, reverse=True)
        return {topic: int(self._credit[topic]) for topic in order}

    def took(self, records: Mapping[str, int]) -> None:
        for topic, count in records.items():
            self._credit[topic] = max(self._credit[topic] - count, -self._most)
