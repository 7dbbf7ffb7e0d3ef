"""How an instance can fail, and what is said of it."""

import signal

from catenae.errors import CatenaeError
from catenae.running.local.slot import Slot

# The exit status of what another attempt would not mend, unless somebody mends it meanwhile.
WILL_NOT_HEAL = 2
# The databases and the figures are mapped files: so it ends when a page of one cannot be had.
NO_ROOM = -signal.SIGBUS


class InstanceFailed(CatenaeError):
    """An instance ended in a way that starting it again would not mend."""

    def __init__(self, member: str, complaint: str, log: str) -> None:
        self.member = member
        self.log = log
        super().__init__(f"{member}: {complaint or 'ended without a word'} (its log is {log})")


class SourceGivenUp(InstanceFailed):
    """A Source failed again and again, so that there is no end to wait for; a later start may do better."""


def failure(slot: Slot, status: int, log: str) -> str:
    """Return what an operator is told of an instance that is started again."""
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    why = f": {slot.complaint}" if slot.complaint and (status > 0 or status == NO_ROOM) else ""
    return f"{slot.member} {how}{why}; starts again in {slot.pause_s:.1f} s; its log is {log}"
