"""How a batch is shared among several inputs: as they come, or by weight. Work-conserving either way."""

from collections.abc import Mapping, Sequence

from catenae.broker import MOST_BATCH_BYTES, Batch, Session

BASE = 1.7


class Parity:
    """Every input may fill the batch; partitions take turns."""

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics

    def poll(
        self, session: Session, max_records: int, timeout_s: float, held: Sequence[Batch] = ()
    ) -> list[Batch]:
        """Return the next records, at most `max_records` of each input; `held` as in `Session.poll`."""
        return [session.poll(dict.fromkeys(self._topics, max_records), timeout_s, held)]


class Exponential:
    """The order of the inputs is their priority: input i of n has weight 1.7^(n-1-i).

    Every batch gives each input credit by weight, and a record takes one of it; what an input had no records
    for, it keeps up to a batch's worth. So the shares hold over a window of batches, also when a batch is a
    single record, and none starves. Room that credit leaves goes to whoever has records.
    """

    def __init__(self, topics: Sequence[str]) -> None:
        weights = [BASE ** (len(topics) - 1 - place) for place in range(len(topics))]
        self._shares = {topic: weight / sum(weights) for topic, weight in zip(topics, weights, strict=True)}
        self._credit = dict.fromkeys(topics, 0.0)

    def poll(
        self, session: Session, max_records: int, timeout_s: float, held: Sequence[Batch] = ()
    ) -> list[Batch]:
        """Return the next records: `max_records` at most, or one of each input when all were empty."""
        for topic, share in self._shares.items():
            self._credit[topic] = min(self._credit[topic] + share * max_records, max_records)
        polls = _Polls(session, held)
        polls.add({topic: int(credit) for topic, credit in self._credit.items() if credit >= 1}, 0.0)
        for topic in sorted(self._credit, key=self._credit.__getitem__, reverse=True):
            room = max_records - polls.records
            if room > 0 and not polls.are_full:
                polls.add({topic: room}, 0.0)
        if not polls.records:
            polls.add(dict.fromkeys(self._credit, max(1, max_records // len(self._credit))), timeout_s)
        for batch in polls.batches:
            for record in batch.records:
                self._credit[record.topic] = max(self._credit[record.topic] - 1, -max_records)
        return polls.batches


class _Polls:
    """Several polls whose batches belong together."""

    def __init__(self, session: Session, held: Sequence[Batch]) -> None:
        self._session = session
        self._held = held
        self.batches: list[Batch] = []
        self.records = 0
        self._size_bytes = 0

    @property
    def are_full(self) -> bool:
        """Whether what they have brought is as much as one poll may bring."""
        return self._size_bytes >= MOST_BATCH_BYTES

    def add(self, limits: Mapping[str, int], timeout_s: float) -> None:
        """Poll once more, holding what the polls before have brought."""
        if limits:
            batch = self._session.poll(limits, timeout_s, [*self._held, *self.batches])
            self.batches.append(batch)
            self.records += len(batch.records)
            self._size_bytes += sum(len(each.value) for each in batch.records if each.value)


InputMode = Parity | Exponential


def input_mode(name: str, topics: Sequence[str]) -> InputMode:
    """Return the mode of that name, `parity` or `exponential`."""
    return Exponential(topics) if name == "exponential" else Parity(topics)
