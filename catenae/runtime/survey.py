"""What a new owner finds in the store of its partitions, held against what their journal entries say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from catenae.errors import StateLost
from catenae.runtime.journal import UNTOLD, JournalEntry
from catenae.runtime.lifetime import value_of
from catenae.runtime.state_records import NO_BATCH, OUTLIVED, Found, StateRecord, StateRecords

VANISHED = "the store has kept a journal entry and lost records that were written before it"


@dataclass(slots=True)
class Finding:
    """One partition number.

    entry     its entry, with what it did not tell of predecessors and sums
    is_whole  whether the entry's batch has written all of its keys
    removed   of these keys, by name of the State, those without a value that still have a former one
    """

    entry: JournalEntry
    is_whole: bool = True
    removed: dict[str, list[str]] = field(default_factory=dict)

    def emptying(self) -> JournalEntry:
        """Return an entry for the batch as settled, which takes back what was removed.

        That gives a removed key no value once more, and nothing tells then what its value was.
        """
        batch, settled = self.entry.batch, self.entry.settled()
        return settled._replace(
            keys={name: dict.fromkeys(keys, batch) for name, keys in self.removed.items()},
            others={
                name: others - batch * len(self.removed.get(name, ()))
                for name, others in settled.others.items()
            },
        )


class Survey(NamedTuple):
    """What was found, by partition number, and the records that were read for it, by name of the State."""

    findings: dict[int, Finding]
    read: dict[str, Found]


def survey(
    states: Mapping[str, StateRecords], entries: Mapping[int, JournalEntry], incarnation: str
) -> Survey:
    """Read the keys of the entries, and count all records where the store may have lost some since.

    Raises `StateLost` where a record is not what the entry says. It holds if the entries are still there
    afterwards: nothing but their keys can have been written meanwhile.
    """
    findings = {number: Finding(entry) for number, entry in entries.items()}
    read: dict[str, Found] = {}
    for name, records in states.items():
        read[name] = _look_at_keys(name, records, findings)
        _count(name, records, findings, incarnation)
    for finding in findings.values():
        entry = finding.entry
        finding.entry = entry._replace(
            # What was kept by a State that the node has no more would count for it if it came back.
            keys={name: keys for name, keys in entry.keys.items() if name in states},
            others={name: entry.others[name] for name in states},
            incarnation=incarnation,
        )
    return Survey(findings, read)


def _look_at_keys(name: str, records: StateRecords, findings: Mapping[int, Finding]) -> Found:
    wanted = [key for finding in findings.values() for key in finding.entry.keys.get(name, ())]
    if not wanted:
        return {}
    read = records.get_many(wanted)
    stored = {key: StateRecord.unpacked(each.value) for key, each in read.items()}
    for number, finding in findings.items():
        entry, told = finding.entry, {}
        for key, was in entry.keys.get(name, {}).items():
            record = stored.get(key)
            batch = NO_BATCH if record is None else record.last_of(number)
            if batch < was or batch > entry.batch:
                raise StateLost(records.namespace, number, VANISHED if batch < was else OUTLIVED)
            finding.is_whole &= batch == entry.batch
            told[key] = was if was != UNTOLD else NO_BATCH if batch == entry.batch else batch
            if record is not None and value_of(record.value) is None and value_of(record.before):
                finding.removed.setdefault(name, []).append(key)
        if told:
            finding.entry = entry._replace(keys={**entry.keys, name: told})
    return read


def _count(name: str, records: StateRecords, findings: Mapping[int, Finding], incarnation: str) -> None:
    """Make sure that every record which no entry names is the last that was written."""
    uncounted = {
        number: finding.entry
        for number, finding in findings.items()
        if finding.entry.incarnation != incarnation or name not in finding.entry.others
    }
    if not uncounted:
        return
    sums = dict.fromkeys(uncounted, 0)
    for key, record in records.all():
        for number in sums.keys() & {record.partition, *record.elsewhere}:
            batch, entry = record.last_of(number), uncounted[number]
            if batch > entry.batch:
                raise StateLost(records.namespace, number, OUTLIVED)
            if key not in entry.keys.get(name, ()):
                sums[number] += batch
    for number, entry in uncounted.items():
        if entry.others.get(name, sums[number]) != sums[number]:
            raise StateLost(records.namespace, number, VANISHED)
        findings[number].entry = findings[number].entry._replace(others={**entry.others, name: sums[number]})
