"""Keys erased from a store while no instance runs: from State, from journals, and what services keep."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from catenae.runtime.journal import Journal, JournalEntry, Keys, is_journal
from catenae.runtime.state_names import owner_of
from catenae.runtime.state_records import StateRecord
from catenae.store import Store


class _Meant(NamedTuple):
    """A key to be erased: of which State, with its record."""

    state: str
    key: str
    record: StateRecord


def erase_keys(store: Store, is_meant: Callable[[str], bool]) -> int:
    """Remove every key that is meant, its sub-keys and whatever names it; return how many there were.

    State can be gone on with as if they had never been written. Doing it again is fine, also after it was
    interrupted: meanwhile the entries lack the sums of what is being erased, and whoever reads them counts.
    """
    namespaces = store.namespaces()
    journals = {name: Journal(store, name) for name in namespaces if _is_journal(store, name)}
    erased = 0
    for namespace in namespaces:
        if namespace not in journals and namespace.rpartition(".")[0] not in journals:
            keys = [key for key, _ in store.scan(namespace) if is_meant(key)]
            _delete(store, namespace, keys)
            erased += len(keys)
    for name, journal in journals.items():
        states = [each for each in namespaces if each.rpartition(".")[0] == name and each not in journals]
        erased += _erase_state(store, name, journal, states, is_meant)
    return erased


def _erase_state(
    store: Store, name: str, journal: Journal, states: Iterable[str], is_meant: Callable[[str], bool]
) -> int:
    meant = [
        _Meant(namespace.removeprefix(f"{name}."), key, StateRecord.unpacked(entry.value))
        for namespace in states
        for key, entry in store.scan(namespace)
        if is_meant(owner_of(key))
    ]
    entries = {
        number: entry._replace(keys=_others_than(entry.keys, is_meant), others=_less(entry, number, meant))
        for number, entry in journal.read(journal.numbers()).items()
    }
    changed = {each.state for each in meant}
    journal.write(
        {
            number: entry._replace(
                others={state: others for state, others in entry.others.items() if state not in changed}
            )
            for number, entry in entries.items()
        }
    )
    for state in changed:
        _delete(store, f"{name}.{state}", [each.key for each in meant if each.state == state])
    journal.write(entries)
    return len(meant)


def _others_than(keys: Keys, is_meant: Callable[[str], bool]) -> Keys:
    return {
        state: {key: was for key, was in some.items() if not is_meant(owner_of(key))}
        for state, some in keys.items()
    }


def _less(entry: JournalEntry, number: int, meant: Iterable[_Meant]) -> dict[str, int]:
    """Return the entry's sums without the records that are meant."""
    others = dict(entry.others)
    for state, key, record in meant:
        if state in others and key not in entry.keys.get(state, ()):
            others[state] -= record.last_of(number)
    return others


def _is_journal(store: Store, namespace: str) -> bool:
    return any(is_journal(key) for key, _ in store.scan(namespace))


def _delete(store: Store, namespace: str, keys: Iterable[str]) -> None:
    for key in keys:
        store.delete(namespace, key)
