"""One visit to one user, in steps that can be remembered: what is new, and what is gone.

A visit lists the user's submissions, then the comments, newest first, until it comes to what it knew before.
Then it looks up what it knew and has not seen again, because not to be listed is not yet to be gone: an
author may hide a profile, or be suspended.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from services.reddit.client import PAGE_ITEMS, Client, Item
from services.reddit.errors import UserUnreadable
from services.reddit.ids import name_of, number_of
from services.reddit.known_items import KnownItems
from services.reddit.records import Kind, OddRow, TextRecord, is_gone, text_record

KINDS: Sequence[Kind] = ("submission", "comment")
LOOK_UP, DONE = len(KINDS), len(KINDS) + 1
# Should the item that a page ended with be deleted before the next is asked for, the one before it serves.
ANCHORS = 3


@dataclass(slots=True)
class Visit:
    """How far a visit is.

    phase    which of KINDS is listed, LOOK_UP or DONE
    anchors  names behind which the next page begins; one after the other, should the first be lost
    newest   as of the user's record, when the visit began
    unseen   names of what was known when the visit began and has not been seen again
    status   "active", or what `UserUnreadable` says
    failures    how many requests in a row got no answer
    new, gone   how many items so far
    """

    newest: list[int]
    unseen: list[str]
    phase: int = 0
    anchors: list[str] = field(default_factory=list)
    status: str = "active"
    failures: int = 0
    new: int = 0
    gone: int = 0


@dataclass(slots=True)
class UserRecord:
    """All that is remembered of a user.

    ticket    what the one message that counts for this user carries; every other is out of date
    visits    how many are over
    failures  how many of them in a row were given up
    queue     where the user waits for the next visit, 0 during one
    newest    for each kind, the number behind which a listing has nothing new
    known     for each kind, what was passed on and is not gone
    visit     the running one
    """

    ticket: int = 0
    visits: int = 0
    failures: int = 0
    queue: int = 0
    newest: list[int] = field(default_factory=lambda: [0] * len(KINDS))
    known: list[KnownItems] = field(default_factory=lambda: [KnownItems() for _ in KINDS])
    visit: Visit | None = None

    @classmethod
    def unpacked(cls, stored: Sequence[Any] | None) -> "UserRecord":
        """Read what `packed` returned; None is a user never seen."""
        if stored is None:
            return cls()
        ticket, visits, failures, queue, newest, known, visit = stored
        return cls(
            ticket=ticket,
            visits=visits,
            failures=failures,
            queue=queue,
            newest=newest,
            known=[KnownItems.unpacked(each) for each in known],
            visit=None if visit is None else Visit(**visit),
        )

    def packed(self) -> list[Any]:
        """Return a value that State takes."""
        known = [each.packed() for each in self.known]
        visit = None if self.visit is None else asdict(self.visit)
        return [self.ticket, self.visits, self.failures, self.queue, self.newest, known, visit]

    def wait_in(self, queue: int) -> None:
        """Have the user wait in a queue from now on; what was on its way before is out of date."""
        self.ticket += 1
        self.queue = queue

    def running(self) -> Visit:
        """Return the running visit; begin one if there is none."""
        if self.visit is None:
            names = [name_of(kind, n) for kind, some in zip(KINDS, self.known, strict=True) for n in some]
            self.visit = Visit(newest=list(self.newest), unseen=names)
            self.queue = 0
        return self.visit

    def remove(self, name: str, kind: Kind) -> None:
        """Forget an item that is gone; what was out of a listing's reach may have moved up in its place."""
        place = KINDS.index(kind)
        self.known[place].remove(number_of(name))
        self.newest[place] = 0

    def ages_s(self, now_s: float) -> list[float]:
        """Return how long ago each known item was written."""
        return [age_s for each in self.known for age_s in each.ages_s(now_s)]


@dataclass(slots=True)
class Found:
    """What one step found: new texts, oldest first, and names of what is gone."""

    texts: list[TextRecord] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def advance(user: str, record: UserRecord, client: Client) -> Found:
    """Make one request of the running visit, note its answer in `record`, and return what it found.

    Errors as `Client`, but for `UserUnreadable`, which ends the listing; nothing is noted then.
    """
    visit = record.running()
    if visit.phase < LOOK_UP:
        return _list(user, record, visit, client)
    return _look_up(visit, client)


def _list(user: str, record: UserRecord, visit: Visit, client: Client) -> Found:
    place, kind = visit.phase, KINDS[visit.phase]
    try:
        page = client.written_by(user, kind, visit.anchors[0] if visit.anchors else "")
    except UserUnreadable as error:
        visit.status = error.status
        _go_on(visit, LOOK_UP)
        return Found()
    seen = {each.row["id"] for each in page.items if not is_gone(each.row)}
    visit.unseen = [name for name in visit.unseen if name not in seen]
    texts = [new for each in reversed(page.items) if (new := _new_text(user, record.known[place], each))]
    for number, text in texts:
        record.known[place].add(number, text["created_utc"])
        record.newest[place] = max(record.newest[place], number)
    visit.new += len(texts)
    if not page.items and visit.anchors[1:]:
        visit.anchors = visit.anchors[1:]
    elif page.items and page.has_more and page.items[-1].number > visit.newest[place]:
        visit.anchors = [each.row["id"] for each in reversed(page.items[-ANCHORS:])]
    else:
        record.newest[place] = max([record.newest[place], *record.known[place]])
        _go_on(visit, place + 1)
    return Found([text for _, text in texts])


def _new_text(user: str, known: KnownItems, item: Item) -> tuple[int, TextRecord] | None:
    """Return the number of an item and its text record, unless it is known or nothing of the user's."""
    if item.number in known or is_gone(item.row):
        return None
    try:
        record = text_record(item.row)
    except OddRow:
        return None
    return (item.number, record) if record["author"] == user else None


def _look_up(visit: Visit, client: Client) -> Found:
    asked, visit.unseen = visit.unseen[:PAGE_ITEMS], visit.unseen[PAGE_ITEMS:]
    left = {each.row["id"] for each in client.look_up(asked) if not is_gone(each.row)} if asked else set()
    if not visit.unseen:
        _go_on(visit, DONE)
    return Found(gone=[name for name in asked if name not in left])


def _go_on(visit: Visit, phase: int) -> None:
    visit.phase = phase if phase != LOOK_UP or visit.unseen else DONE
    visit.anchors = []
