"""Where the State of a partition stands: what makes the loss of a store's last writes harmless.

Some stores acknowledge a write a moment before it is safe. Killed, or put back to an older copy, they lack
the last ones, while the broker still knows all that was committed. A batch writes in this order, each step
once the one before is acknowledged:

    its journal entry, the State records it changes, then the commit of outputs, positions and its number

A store loses the newest writes first (see `catenae.store.Store`). So the last entry that is left tells all:
every batch before its own is there whole, and of its own some records may be missing, but each that is there
keeps the value before it. So State is brought to how it was before that batch, and the input from there up to
what is committed is handled once more, for State alone: what it sends was sent before.
"""

from typing import NamedTuple

from catenae.runtime.journal import JournalEntry, Offsets
from catenae.runtime.state_records import NO_BATCH


class Standing(NamedTuple):
    """What a new owner of a partition does before it handles anything new.

    takes_back  give the keys of the entry's batch the values they had before it
    since       handle again what was committed from here on; None where State lacks nothing, and {} where it
                lacks everything
    """

    takes_back: bool
    since: Offsets | None


def standing(entry: JournalEntry | None, committed_batch: int, *, is_whole: bool) -> Standing:
    """Say where State stands.

    entry            the last one in the journal, None for none
    committed_batch  number of the last batch that has changed State and was committed, NO_BATCH for none
    is_whole         whether each record that the entry's batch wrote is there
    """
    if entry is None:
        return Standing(takes_back=False, since=None if committed_batch == NO_BATCH else {})
    if entry.batch > committed_batch and not entry.repeats:
        # It came after all that is committed, so all of that is there. It was not committed itself.
        return Standing(takes_back=True, since=None)
    if entry.batch == committed_batch and is_whole:
        return Standing(takes_back=False, since=None)
    return Standing(takes_back=True, since=entry.since)
