"""Where the State of a partition stands: what makes the loss of a store's last writes harmless.

Some stores acknowledge a write a moment before it is safe. Killed, or put back to an older copy, they lack
some of them, while the broker still knows all that was committed. A batch writes in this order, each step
once the one before is acknowledged:

    its journal entry, the State records it changes, then the commit of outputs, positions and its number

**What is made good.** A store should lose the newest writes first (see `catenae.store.Store`). Then the last
entry that is left tells all: every batch before its own is there whole, and of its own some records may be
missing, but each that is there keeps the value before it. So State is brought to how it was before that
batch, and the input from there up to what is committed is handled once more, for State alone: what it sends
was sent before.

**What is checked.** Not every store keeps that order, so nothing is believed for it. Batches have numbers
that only grow, a record bears the number of the batch that wrote it, and each entry names its predecessors:

    of each key that its batch writes, the batch that wrote it before
    of all other records of the partition together, the sum of the batches that wrote them

A record that is lost is there again as it was, under a *lower* number, or not at all; one with a number above
the entry's shows that an entry is lost. So, where there is none of those, no loss can make up for another in
the sum: it is right if, and only if, every record is the last that was written. The sum is taken, by reading
all records, by an owner that finds the incarnation of the store another one than the entry says. Each owner
asks for it ahead of every entry that it writes, and begins anew once it changed; an entry that is written at
that very moment still bears the old one, and so is counted too. A wrong sum, or a key of the batch with a
record older than its predecessor, is `StateLost`.

**What is relied upon.** A record is whole or not there; it is written by whoever names its version; and the
incarnation changes with everything that may lose a write. Neither clocks nor the time a server takes to be
back come into it.
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
