"""All State of one instance of a node, kept in step with the positions that its group has committed.

The store and the broker cannot commit together. So the journal says which batch is about to write what, each
record keeps the value before the batch beside the one after it, and the commit carries the batch's number. By
these three a new owner of a partition finds out where its State stands: a batch that was never committed is
taken back, and input of which the store has lost the results is handled once more. All writes are
compare-and-puts on the version that was read, so an instance that lost its partition without knowing it is
refused, and its batch is abandoned.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from catenae.broker import NO_NOTES, Notes, Position, Span
from catenae.clock import Clock
from catenae.errors import Conflict, StateLost, StoreUnavailable
from catenae.message import Record, TopicPartition
from catenae.packing import pack, unpack
from catenae.runtime.history import History, Passage
from catenae.runtime.journal import Journal, JournalEntry, Offsets
from catenae.runtime.standing import standing
from catenae.runtime.state import FencedState
from catenae.runtime.state_records import NO_BATCH
from catenae.store import Store

logger = logging.getLogger(__name__)

# A store's server that is killed needs longer than this to be back. So what was there a moment ago still is,
# and after a longer pause this instance looks whether its last writes are.
SOONEST_RESTART_S = 1.0
# An instance without work looks so often, to make a loss good while the input is still kept.
LOOK_EVERY_S = 5.0
# Numbers of batches begin anew, and higher, with each generation: none is used twice, also after a loss.
BATCHES_PER_GENERATION = 1 << 20


class NodeState:
    """The States of one node by name, for one instance.

    The loop calls `stand_on` before it handles anything. While `is_behind` then, it hands what `missed`
    returns to the handlers, and ends each such batch with `keep_missed`. Otherwise it calls `flush` before a
    commit and `settle` after it. After any error, `abandon`. Not thread-safe.
    """

    def __init__(
        self,
        store: Store,
        namespace: str,
        states: Mapping[str, FencedState[Any]],
        history: History,
        clock: Clock,
    ) -> None:
        self._namespace = namespace
        self._states = states
        self._journal = Journal(store, namespace)
        self._history = history
        self._clock = clock
        self._generation = 0
        self._stands = False
        self._batch = NO_BATCH
        self._seen_s = 0.0
        self._reached: dict[int, dict[str, int]] = {}
        self._committed: dict[int, int] = {}
        self._missed: dict[int, dict[str, Span]] = {}
        self._failures: Collection[str] = ()
        self._passage = Passage([], {})

    @property
    def is_empty(self) -> bool:
        """Whether the node keeps no State."""
        return not self._states

    @property
    def is_behind(self) -> bool:
        """Whether input that was committed has to be handled again before anything else."""
        return bool(self._missed)

    def stand_on(self, committed: Mapping[TopicPartition, Position], assignment: int) -> None:
        """Own the partitions of `committed`, as the session has them under `assignment`; nothing if it does.

        Raises `Conflict` if an instance of a later assignment owns one of them, or takes it over right now:
        nothing is lost by trying again. Raises `StateLost` where nothing can bring State in step.
        """
        if self._stands and assignment == self._generation:
            return
        self.abandon()
        self._generation = assignment
        if self._states and committed:
            self._begin(committed)
        self._stands = True

    def _begin(self, committed: Mapping[TopicPartition, Position]) -> None:
        self._seen_s = self._clock.monotonic_s()
        self._reached = _offsets(committed)
        self._committed = dict.fromkeys(self._reached, NO_BATCH)
        for each, position in committed.items():
            batch = unpack(position.note) if position.note else NO_BATCH
            self._committed[each.partition] = max(self._committed[each.partition], batch)
        entries = self._journal.read(self._reached)
        self._require_latest(entries)
        since = self._settled_since(entries)
        self._fence(entries, since)
        if self._clock.monotonic_s() - self._seen_s > SOONEST_RESTART_S:
            raise StoreUnavailable("the store took so long that it may have been restarted meanwhile")
        if since:
            self._missed = {number: self._missing(number, offsets) for number, offsets in since.items()}
            self._failures = self._history.failures()
            logger.warning("state is behind, its input is handled again", extra=self._figures())

    def missed(self, max_records: int) -> Sequence[Record]:
        """Return what is to be handled again next: records of one partition number, `max_records` at most."""
        number, spans = next(iter(self._missed.items()))
        self._passage = self._history.read(number, spans, max_records)
        return [each for each in self._passage.records if each.id not in self._failures]

    def keep_missed(self) -> None:
        """Write what the handlers have changed since `missed`."""
        number, spans = next(iter(self._missed.items()))
        self._look_after_pause()
        since = self._reached[number] | {topic: span.start for topic, span in spans.items()}
        keys = self._changed().get(number, {})
        self._write(self._announced({number: keys}, {number: since}, repeats=True))
        if self._passage.rest:
            self._missed[number] = self._passage.rest
        else:
            self._announced({number: {}}, self._reached)
            del self._missed[number]
        self._look_after_pause()
        for state in self._states.values():
            state.settle()
        if not self._missed:
            logger.info("state is in step again")

    def look(self) -> None:
        """Raise `Conflict` if the store has lost something while there was nothing to do."""
        if self._states:
            self._look_after_pause(LOOK_EVERY_S)

    def flush(self) -> Notes:
        """Write what the batch changed, to be believed once the notes that it returns are committed.

        Raises `Conflict` for an instance that owns the partitions no longer, and where a store has lost what
        was written: `begin` sees to that.
        """
        if not self._states:
            return NO_NOTES
        started_s = self._clock.monotonic_s()
        self._look_after_pause()
        changed = self._changed()
        if not changed:
            return NO_NOTES
        batch = self._announced(changed, self._reached)
        self._write(batch)
        self._look_after_pause()
        self._seen_s = max(self._seen_s, started_s)
        return dict.fromkeys(changed, pack(batch))

    def settle(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Take the batch as committed; `positions` are those of the session since."""
        if not self._states:
            return
        self._reached = _offsets(positions)
        for state in self._states.values():
            state.settle()

    def abandon(self) -> None:
        """Forget everything that is not certain: the running batch, and what other instances may change."""
        self._stands = False
        self._missed = {}
        for state in self._states.values():
            state.abandon()

    # Where State stands.

    def _require_latest(self, entries: Mapping[int, JournalEntry]) -> None:
        for number, entry in entries.items():
            if entry.generation > self._generation:
                raise Conflict(f"partition {number} of {self._namespace!r} has a later owner")
            for topic, offset in entry.since.items():
                there = self._reached[number].get(topic)
                if there is not None and offset > there:
                    raise StateLost(
                        self._namespace,
                        number,
                        f"it was written after {topic}@{offset}, of which only {there} is committed: "
                        f"the broker has lost more than the store",
                    )

    def _settled_since(self, entries: Mapping[int, JournalEntry]) -> dict[int, Offsets]:
        """Take back what is to be taken back; return from where on input is to be handled again."""
        last = {number: entry for number, entry in entries.items() if entry.batch == self._committed[number]}
        whole = self._whole(last)
        since: dict[int, Offsets] = {}
        for number, reached in self._reached.items():
            entry = entries.get(number)
            found = standing(entry, self._committed[number], is_whole=number in whole)
            if entry is not None and found.takes_back:
                for name in entry.keys.keys() & self._states.keys():
                    self._states[name].records.take_back(entry.keys[name], entry.batch, number)
            if found.since is not None:
                since[number] = found.since or dict.fromkeys(reached, 0)
        return since

    def _whole(self, entries: Mapping[int, JournalEntry]) -> set[int]:
        """Return which of these partition numbers have every record that their entry's batch wrote."""
        whole = set(entries)
        for name, state in self._states.items():
            wanted = [(key, number) for number, each in entries.items() for key in each.keys.get(name, ())]
            found = state.records.batches([key for key, _ in wanted]) if wanted else {}
            for key, number in wanted:
                batch, partition = found.get(key, (NO_BATCH, number))
                # A key that another partition has used since is none that this one should have used.
                if partition == number and batch < entries[number].batch:
                    whole.discard(number)
        return whole

    def _fence(self, entries: Mapping[int, JournalEntry], since: Mapping[int, Offsets]) -> None:
        """Write every entry anew, under a higher number than any that was used."""
        known = {number: entry.batch for number, entry in entries.items()}
        highest = max([self._batch, self._generation * BATCHES_PER_GENERATION, *known.values()])
        self._batch = highest + 1
        for state in self._states.values():
            state.begin({number: known.get(number, NO_BATCH) for number in self._reached}, self._batch)
        self._journal.write(
            {
                number: JournalEntry(
                    self._generation, self._batch, since.get(number, reached), {}, number in since
                )
                for number, reached in self._reached.items()
            }
        )

    def _missing(self, number: int, since: Offsets) -> dict[str, Span]:
        """Return the spans to be handled again; raise `StateLost` if some of it is not kept any more."""
        missing = {}
        for topic, reached in self._reached[number].items():
            oldest = self._history.oldest(topic, number)
            # A topic without an offset was added to the inputs later.
            start = since.get(topic, oldest)
            if start < oldest and start < reached:
                raise StateLost(
                    self._namespace,
                    number,
                    f"the store has nothing of what came after {topic}@{start}; {reached} is committed, and "
                    f"the topic keeps what is from {oldest} on",
                )
            if start < reached:
                missing[topic] = Span(start, reached)
        return missing

    # Writing.

    def _announced(
        self,
        changed: Mapping[int, Mapping[str, Sequence[str]]],
        since: Mapping[int, Offsets],
        *,
        repeats: bool = False,
    ) -> int:
        """Write journal entries for the keys about to be written; return the number of the batch."""
        self._batch += 1
        self._journal.write(
            {
                number: JournalEntry(self._generation, self._batch, since[number], keys, repeats)
                for number, keys in changed.items()
            }
        )
        return self._batch

    def _changed(self) -> dict[int, dict[str, list[str]]]:
        """Return the changed keys by partition number and name of the State."""
        changed: defaultdict[int, dict[str, list[str]]] = defaultdict(dict)
        for name, state in self._states.items():
            for number, keys in state.changed().items():
                changed[number][name] = keys
        return changed

    def _write(self, batch: int) -> None:
        for state in self._states.values():
            state.write(batch)

    def _look_after_pause(self, pause_s: float = SOONEST_RESTART_S) -> None:
        """Make sure that all is as this instance left it, if the last look or write is so long ago.

        Should the store have lost anything, then of the writes that were the last.
        """
        now_s = self._clock.monotonic_s()
        if now_s - self._seen_s > pause_s:
            self._journal.require_unchanged()
            for state in self._states.values():
                state.require_unchanged()
            self._seen_s = now_s

    def _figures(self) -> dict[str, Any]:
        spans = [span for each in self._missed.values() for span in each.values()]
        return {
            "state": self._namespace,
            "partitions": len(self._missed),
            "messages": sum(span.end - span.start for span in spans),
        }


def _offsets(committed: Mapping[TopicPartition, Position]) -> dict[int, dict[str, int]]:
    """Return the offsets by partition number and topic."""
    offsets: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for each, position in committed.items():
        offsets[each.partition][each.topic] = position.offset
    return dict(offsets)
