"""How a batch is shared among several inputs: as they come, or by weight. Work-conserving either way."""

from collections.abc import Mapping, Sequence

from catenae.broker import Session
from catenae.message import Record

BASE = 1.7


class Parity:
    """Every input may fill the batch; partitions take turns."""

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics

    def poll(self, session: Session, max_records: int, timeout_s: float) -> list[Record]:
        """Return the next records, at most `max_records` of each input."""
        return session.poll(dict.fromkeys(self._topics, max_records), timeout_s)


class Exponential:
    """The order of the inputs is their priority: input i of n has weight 1.7^(n-1-i).

    An input that fills its share may take what the others leave of the batch; every input gets at least one
    record a batch, so none starves.
    """

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics
        weights = [BASE ** (len(topics) - 1 - place) for place in range(len(topics))]
        self._shares = [weight / sum(weights) for weight in weights]

    def poll(self, session: Session, max_records: int, timeout_s: float) -> list[Record]:
        """Return the next records: about `max_records` in all."""
        limits = {
            topic: max(1, round(share * max_records))
            for topic, share in zip(self._topics, self._shares, strict=True)
        }
        records = session.poll(limits, timeout_s)
        room = max_records - len(records)
        if records and room > 0:
            full = self._full(limits, records)
            if full:
                records += session.poll(dict.fromkeys(full, max(1, room // len(full))), 0.0)
        return records

    @staticmethod
    def _full(limits: Mapping[str, int], records: Sequence[Record]) -> list[str]:
        """Return the topics that gave all they were asked for, and so may have more."""
        given = dict.fromkeys(limits, 0)
        for record in records:
            given[record.topic] += 1
        return [topic for topic, limit in limits.items() if given[topic] >= limit]


InputMode = Parity | Exponential


def input_mode(name: str, topics: Sequence[str]) -> InputMode:
    """Return the mode of that name, `parity` or `exponential`."""
    return Exponential(topics) if name == "exponential" else Parity(topics)
