"""All State of one instance of a node, kept in step with the positions that its group has committed.

The store and the broker cannot commit together. So the journal says which batch is about to write what, each
record keeps the value before the batch beside the one after it, and the commit carries the batch's number. By
these three a new owner of a partition finds out where its State stands, as `standing` says: a batch that was
never committed is taken back, and input of which the store has lost the results is handled once more. All
writes are compare-and-puts on the version that was read, so an instance that lost its partition without
knowing it is refused, and its batch is abandoned.
"""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from catenae.broker import NO_NOTES, Notes, Position, Span
from catenae.clock import Clock
from catenae.codec.packing import pack, unpack
from catenae.errors import Conflict, StateLost
from catenae.message import Record, TopicPartition
from catenae.runtime.history import History, Passage
from catenae.runtime.journal import JournalEntry, Keys, Offsets
from catenae.runtime.own_entries import NAMES_KEYS_S, OwnEntries
from catenae.runtime.standing import standing
from catenae.runtime.state import FencedState
from catenae.runtime.state_records import NO_BATCH, Found
from catenae.runtime.survey import survey
from catenae.runtime.sweeping import FENCES_FOR_S, Sweeper
from catenae.store import Store

logger = logging.getLogger(__name__)

# An instance without work looks so often whether the store may have lost something, to make it good while the
# input is still kept.
LOOK_EVERY_S = 5.0

States = Mapping[str, FencedState[Any]]


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
        states: States,
        history: History,
        clock: Clock,
    ) -> None:
        self._store = store
        self._namespace = namespace
        self._states = states
        self._own = OwnEntries(store, namespace, clock)
        self._sweeper = Sweeper(states, clock, removes=store.removes_for_good)
        self._history = history
        self._clock = clock
        self._generation = 0
        self._stands = False
        self._incarnation = ""
        self._looked_s = 0.0
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
        self._looked_s = self._clock.monotonic_s()
        self._incarnation = self._store.incarnation()
        self._reached = _offsets(committed)
        self._committed = dict.fromkeys(self._reached, NO_BATCH)
        for each, position in committed.items():
            batch = unpack(position.note) if position.note else NO_BATCH
            self._committed[each.partition] = max(self._committed[each.partition], batch)
        entries = self._own.read(self._reached, self._generation, self._incarnation)
        self._require_latest(entries)
        since = self._take_over(entries)
        self._sweeper.own(self._reached)
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
        since = self._reached[number] | {topic: span.start for topic, span in spans.items()}
        self._write({number: {}, **self._changed()}, {**self._reached, number: since}, repeats=number)
        self._settle()
        if self._passage.rest:
            self._missed[number] = self._passage.rest
        else:
            self._write({number: {}, **self._changed()}, self._reached)
            self._settle()
            del self._missed[number]
        if not self._missed:
            logger.info("state is in step again")

    def look(self) -> None:
        """Now and then, while there is no work, raise `Conflict` if the store may have lost something.

        Else see to it that neither the journal nor former values tell of keys any longer.
        """
        has_swept = self._sweep()
        now_s = self._clock.monotonic_s()
        if self._reached and (has_swept or now_s - self._looked_s >= LOOK_EVERY_S):
            self._looked_s = now_s
            self._require_incarnation()
            removed = self._changed()
            if removed:
                self._write(removed, self._reached)
                self._settle()
            self._own.tidy(self._reached, 0.0 if removed else NAMES_KEYS_S)

    def wake_ups(self) -> list[Record]:
        """Return what is to be written with the next commit because timers are due."""
        return []

    def idle_s(self, longest_s: float) -> float:
        """Return how long there will be nothing to write for timers, so many seconds at most."""
        return longest_s

    def flush(self) -> Notes:
        """Write what the batch changed, to be believed once the notes that it returns are committed.

        Raises `Conflict` for an instance that owns the partitions no longer, and where a store may have lost
        what was written: `begin` sees to that.
        """
        if not self._states:
            return NO_NOTES
        self._sweep()
        changed = self._changed()
        if not changed:
            self._require_incarnation()
            self.look()
            return NO_NOTES
        return dict.fromkeys(changed, pack(self._write(changed, self._reached)))

    def settle(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Take the batch as committed; `positions` are those of the session since."""
        if not self._states:
            return
        self._reached = _offsets(positions)
        self._settle()

    def abandon(self) -> None:
        """Forget everything that is not certain: the running batch, and what other instances may change."""
        self._stands = False
        self._missed = {}
        self._reached = {}
        self._own.forget()
        self._sweeper.own(())
        for state in self._states.values():
            state.abandon()

    # What is over.

    def _sweep(self) -> bool:
        """Look for what is over, and change it with the running batch; say whether anything is."""
        if self.is_behind:
            return False
        has_swept, bare = self._sweeper.sweep()
        if bare:
            self._require_incarnation()
            with self._own.letting_go(bare, self._reached):
                self._sweeper.let_go(bare)
        return has_swept

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
                        f"the broker has lost more than the store, or another run of this topology uses this "
                        f"store (give each run a store of its own, or on servers a ?set= of its own)",
                    )

    def _take_over(self, entries: Mapping[int, JournalEntry]) -> dict[int, Offsets]:
        """Bring State to where it was settled last; return from where on input is to be handled again."""
        restarted = [number for number, entry in entries.items() if entry.incarnation != self._incarnation]
        if restarted:
            logger.info(
                "store was restarted, state is counted",
                extra={"state": self._namespace, "partitions": len(restarted)},
            )
        found, read = survey(
            {name: state.records for name, state in self._states.items()},
            {number: entries.get(number, self._no_entry(number)) for number in self._reached},
            self._incarnation,
        )
        standings = {
            number: standing(entries.get(number), self._committed[number], is_whole=found[number].is_whole)
            for number in self._reached
        }
        taken_back = {number for number, each in standings.items() if each.takes_back}
        since = {
            number: each.since or dict.fromkeys(self._reached[number], 0)
            for number, each in standings.items()
            if each.since is not None
        }
        known = {
            number: each.entry if number in taken_back else each.emptying() for number, each in found.items()
        }
        self._fence(known, since, read)
        return since

    def _fence(
        self, known: Mapping[int, JournalEntry], since: Mapping[int, Offsets], read: Mapping[str, Found]
    ) -> None:
        """Keep every earlier owner from writing, then take back what is to be taken back."""
        self._require_incarnation()
        fences = self._own.fence(known, {**self._reached, **since}, since)
        for state in self._states.values():
            state.begin({number: entry.batch for number, entry in known.items()}, self._own.batch)
        for number, entry in fences.items():
            for name, keys in entry.keys.items():
                self._states[name].records.take_back(keys, read[name], entry.batch, number)
        self._own.settle_fence()

    def _no_entry(self, number: int) -> JournalEntry:
        """Return what stands for no entry: nothing is written, which is so unless something was committed."""
        known = self._incarnation if self._committed[number] == NO_BATCH else ""
        return JournalEntry(0, NO_BATCH, {}, {}, others=dict.fromkeys(self._states, 0), incarnation=known)

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

    def _write(
        self, changed: Mapping[int, Keys], since: Mapping[int, Offsets], *, repeats: int | None = None
    ) -> int:
        """Write what has changed, the journal first; return the number of the batch."""
        self._require_incarnation()
        began_s = self._clock.monotonic_s()
        batch = self._own.announce(changed, since, reached=self._reached, repeats=repeats)
        if self._clock.monotonic_s() - began_s > FENCES_FOR_S / 2:
            raise Conflict(f"what {self._namespace!r} writes was announced so long ago that it may be undone")
        for state in self._states.values():
            state.write(batch)
        return batch

    def _settle(self) -> None:
        for state in self._states.values():
            state.settle()

    def _changed(self) -> dict[int, dict[str, dict[str, int]]]:
        """Return, by partition number and name of the State, what `FencedState.changed` says."""
        changed: defaultdict[int, dict[str, dict[str, int]]] = defaultdict(dict)
        for name, state in self._states.items():
            for number, keys in state.changed().items():
                changed[number][name] = keys
        return changed

    def _require_incarnation(self) -> None:
        """Raise `Conflict` if the store may have lost something since this instance began.

        Goes ahead of every journal entry: in place of the last one it would hide where to begin again.
        """
        if self._store.incarnation() != self._incarnation:
            raise Conflict(f"the store of {self._namespace!r} was restarted and may have lost writes")

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
