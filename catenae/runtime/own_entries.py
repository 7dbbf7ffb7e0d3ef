"""The journal entries of one owner, from taking partitions over to the running batch."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from catenae.clock import Clock
from catenae.runtime.journal import Journal, JournalEntry, Keys, Offsets
from catenae.runtime.state_records import NO_BATCH
from catenae.store import Store

# An entry that is older names no keys any more: its batch is settled.
NAMES_KEYS_S = 5.0
# Numbers of batches begin anew, and higher, with each generation: none is used twice, also after a loss.
BATCHES_PER_GENERATION = 1 << 20


class OwnEntries:
    """Numbers the batches of one owner, and keeps an entry for each partition number, with its sums.

    After `read` and `fence`, `announce` goes ahead of each batch. Raises `Conflict` as `Journal` does.
    """

    def __init__(self, store: Store, namespace: str, clock: Clock) -> None:
        self._journal = Journal(store, namespace)
        self._clock = clock
        self._generation = 0
        self._incarnation = ""
        self._batch = NO_BATCH
        self._entries: dict[int, JournalEntry] = {}
        self._written_s: dict[int, float] = {}

    @property
    def batch(self) -> int:
        """The number of the last batch, or of the fence."""
        return self._batch

    def read(self, numbers: Collection[int], generation: int, incarnation: str) -> dict[int, JournalEntry]:
        """Return the entries of these partition numbers, to be replaced in this generation."""
        self.forget()
        self._generation = generation
        self._incarnation = incarnation
        return self._journal.read(numbers)

    def forget(self) -> None:
        """Own no entry any more: only who has taken a partition over knows what its entry must say."""
        self._entries = {}

    def fence(
        self, found: Mapping[int, JournalEntry], since: Mapping[int, Offsets], repeats: Collection[int]
    ) -> Mapping[int, JournalEntry]:
        """Replace what was found, under a higher number than any that was used; return the new entries.

        They name the same keys, so that these can be taken back by whoever comes next, too.
        """
        own = self._generation * BATCHES_PER_GENERATION
        self._batch = 1 + max(self._batch, own, *(entry.batch for entry in found.values()))
        entries = {
            number: entry._replace(
                generation=self._generation,
                batch=self._batch,
                since=since[number],
                repeats=number in repeats,
            )
            for number, entry in found.items()
        }
        self._record(entries)
        return entries

    def settle_fence(self) -> None:
        """Say that the keys which the fence names have been taken back."""
        self._record({number: entry.settled() for number, entry in self._entries.items() if entry.keys})

    def announce(
        self,
        changed: Mapping[int, Keys],
        since: Mapping[int, Offsets],
        *,
        reached: Mapping[int, Offsets],
        repeats: int | None = None,
    ) -> int:
        """Write entries for the keys about to be written, by partition number; return the batch's number.

        repeats  the partition number of which the batch handles input that was committed before
        """
        settled = self._outdated(reached)
        self._batch += 1
        announced = {}
        for number, keys in changed.items():
            others = {
                name: written - sum(keys.get(name, {}).values())
                for name, written in self._entries[number].sums().items()
            }
            announced[number] = JournalEntry(
                self._generation,
                self._batch,
                since[number],
                keys,
                number == repeats,
                others,
                self._incarnation,
            )
        self._record(settled | announced)
        return self._batch

    @contextmanager
    def letting_go(self, bare: Mapping[int, Keys], reached: Mapping[int, Offsets]) -> Iterator[None]:
        """Within it, records that have no value may be deleted; each may be there or not, whatever happens.

        bare  by partition number and name of the State, the names, each with the batch that wrote it
        """
        self._batch += 1
        announced = {
            number: self._entries[number]
            .settled()
            .without(states)
            ._replace(
                batch=self._batch,
                since=reached[number],
                # As if the batch would write them anew, and they had never been.
                keys={name: dict.fromkeys(keys, NO_BATCH) for name, keys in states.items()},
            )
            for number, states in bare.items()
        }
        self._record(announced)
        yield
        self._record({number: entry._replace(keys={}) for number, entry in announced.items()})

    def tidy(self, reached: Mapping[int, Offsets], settled_for_s: float = NAMES_KEYS_S) -> None:
        """Let entries whose batch was settled so long ago name no keys; `reached` is where it led."""
        self._record(self._outdated(reached, settled_for_s))

    def _outdated(
        self, reached: Mapping[int, Offsets], settled_for_s: float = NAMES_KEYS_S
    ) -> dict[int, JournalEntry]:
        until_s = self._clock.monotonic_s() - settled_for_s
        return {
            number: entry.settled()._replace(since=reached[number])
            for number, entry in self._entries.items()
            if entry.keys and not entry.repeats and number in reached and self._written_s[number] <= until_s
        }

    def _record(self, entries: Mapping[int, JournalEntry]) -> None:
        self._journal.write(entries)
        self._entries.update(entries)
        self._written_s.update(dict.fromkeys(entries, self._clock.monotonic_s()))
