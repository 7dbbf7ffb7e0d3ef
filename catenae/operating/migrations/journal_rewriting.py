"""The entries of a node's journal rewritten in place, while no instance owns a partition."""

from collections.abc import Callable

from catenae.runtime.journal import Journal, JournalEntry
from catenae.store import Store


def rewrite(store: Store, namespace: str, change: Callable[[int, JournalEntry], JournalEntry]) -> None:
    """Put what `change` makes of each entry in its place; it is given the partition number and the entry.

    Raises `Conflict` if somebody else changes the journal too.
    """
    journal = Journal(store, namespace)
    entries = journal.read(journal.numbers())
    changed = {number: change(number, entry) for number, entry in entries.items()}
    journal.write({number: entry for number, entry in changed.items() if entry != entries[number]})
