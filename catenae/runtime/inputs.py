"""How the next records of several inputs are polled: as they come, or as an `InputMode` shares them out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Literal

from catenae.broker import MOST_BATCH_BYTES, Batch, Session
from catenae.input_modes import Exponential, InputMode

# Of an input that had records, so many batches in a row may hold none.
MOST_WITHOUT = 100
_TOPIC = itemgetter(0)  # of a Record


class Parity:
    """Every input may fill the batch; partitions take turns."""

    def __init__(self, topics: Sequence[str]) -> None:
        self._topics = topics

    def poll(
        self, session: Session, max_records: int, timeout_s: float, held: Sequence[Batch] = ()
    ) -> list[Batch]:
        """Return the next records, at most `max_records` of each input; `held` as in `Session.poll`."""
        return [session.poll(dict.fromkeys(self._topics, max_records), timeout_s, held)]


class Shared:
    """A mode gives each input its share; what of it is not used goes to the others, and nobody starves."""

    def __init__(self, mode: InputMode) -> None:
        self._mode = mode
        self._without = dict.fromkeys(mode.topics, 0)

    def poll(
        self, session: Session, max_records: int, timeout_s: float, held: Sequence[Batch] = ()
    ) -> list[Batch]:
        """Return the next records: `max_records` at most, or one of each input when all were empty."""
        shares = self._shares(max_records)
        polls = _Polls(session, held)
        polls.add({topic: share for topic, share in shares.items() if share}, 0.0)
        for topic in shares:
            room = max_records - polls.records
            if room > 0 and not polls.are_full:
                polls.add({topic: room}, 0.0)
        if not polls.records:
            polls.add(dict.fromkeys(shares, max(1, max_records // len(shares))), timeout_s)
        took = Counter(_TOPIC(record) for batch in polls.batches for record in batch.records)
        for topic in shares:
            self._without[topic] = 0 if took[topic] or not took else self._without[topic] + 1
        self._mode.took(took)
        return polls.batches

    def _shares(self, max_records: int) -> dict[str, int]:
        """Return the share of every input, in the mode's order; first one record for whoever went without."""
        given = dict(self._mode.share(max_records))
        if strange := given.keys() - self._without.keys():
            raise ValueError(
                f"{type(self._mode).__qualname__} gives a share to {sorted(strange)[0]!r}, no input; "
                f"there are {', '.join(self._without)}"
            )
        left = max_records
        shares = dict.fromkeys((*given, *self._without), 0)
        for topic, count in self._without.items():
            if count >= MOST_WITHOUT and left:
                shares[topic], left = 1, left - 1
        for topic, share in given.items():
            more = max(0, min(int(share) - shares[topic], left))
            shares[topic], left = shares[topic] + more, left - more
        return shares


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


Inputs = Parity | Shared


def input_mode(mode: Literal["parity", "exponential"] | type[InputMode], topics: Sequence[str]) -> Inputs:
    """Return what polls these topics by a mode, one that is ready-made or a class."""
    if mode == "parity":
        return Parity(topics)
    return Shared((Exponential if mode == "exponential" else mode)(topics))
