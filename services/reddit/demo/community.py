"""The community: people who never were, the threads they started and the comments they left there."""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from services.depression.demo.people import SPAN_S, START_UTC, Person, people
from services.depression.demo.phrases import ABOUT
from services.depression.demo.posts import base36, sentences
from services.reddit.records import Kind

DELETED = "[deleted]"
REMOVED = "[removed]"
BOTS = ("AutoModerator", "demo_reminder_bot")

_SUBMISSIONS = 0.1
_BOTS = 0.01
_REPLIES = 0.3
_PROLIFIC_ITEMS = 1500
# Ids grow by a digit half-way, where "zzzzzz" comes before "1000000": who compares them as texts is wrong.
_LONGER_ID = 36**6
_ACCOUNT_ID = 36**5
# Two in five say nothing, or nothing that is a place.
_STATED = (
    *("", "", "", "the moon", "she/her"),
    *("Madrid, Spain", "España", "London", "UK", "Mexico City", "CDMX, México", "Texas", "NYC"),
)
_PREFIXES = {"submission": "t3_", "comment": "t1_"}


class Standing(StrEnum):
    """What has become of an account."""

    ACTIVE = "active"
    HIDDEN = "hidden"  # shows nobody what it wrote
    SUSPENDED = "suspended"  # by Reddit
    DELETED = "deleted"  # by its owner; what it wrote stays, without its name


class Gone(StrEnum):
    """Who took an item away."""

    NO = ""
    BY_AUTHOR = "author"
    BY_MODERATOR = "moderator"


@dataclass(slots=True)
class Account:
    """One account. `positive` is the truth about its person, `stated` where they say that they are."""

    name: str
    number: int
    positive: bool = False
    standing: Standing = Standing.ACTIVE
    stated: str = ""


@dataclass(slots=True)
class Item:
    """One submission or comment.

    place   its rank among all items, by time
    number  its rank among those of its kind, which is its id
    thread  the submission it belongs to, itself if it is one
    parent  full name of what a comment answers
    id      as Reddit writes it; `name` is the full one: "t3_…" a submission, "t1_…" a comment
    """

    place: int
    kind: Kind
    number: int
    author: Account
    subreddit: str
    created_utc: int
    title: str = ""
    text: str = ""
    thread: "Item | None" = None
    parent: str = ""
    gone: Gone = Gone.NO
    id: str = field(init=False)
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.id = base36(self.number)
        self.name = _PREFIXES[self.kind] + self.id

    @property
    def shows_author(self) -> bool:
        """Whether its author's name is still to be seen."""
        if self.gone is Gone.BY_MODERATOR:
            return self.kind == "submission"
        return self.gone is Gone.NO and self.author.standing is not Standing.DELETED


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a community is, and how its time is laid out.

    users, items  about how many; everybody writes a dozen at least
    prolific      of the users, those who write more than a listing reaches
    opens_utc     the moment that all history lies before
    live          how many of the items are written after it
    live_per_s    how many of those a second
    seed          the same plan makes the same community
    """

    users: int = 5_000
    items: int = 100_000
    prolific: int = 2
    opens_utc: int = START_UTC + SPAN_S
    live: int = 10_000
    live_per_s: float = 10.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Community:
    """Everybody and everything, items in the order of their times and numbers."""

    plan: Plan
    accounts: dict[str, Account]
    items: list[Item]
    by_name: dict[str, Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_name.update((item.name, item) for item in self.items)

    def truth(self) -> dict[str, bool]:
        """Return for each person's account whether the person is positive."""
        return {name: account.positive for name, account in self.accounts.items() if name not in BOTS}


def generate(plan: Plan) -> Community:
    """Return the community of a plan."""
    chance = random.Random(plan.seed)
    crowd = _crowd(plan, chance)
    names = [person.name for person in crowd] + list(BOTS)
    positive = {person.name for person in crowd if person.positive}
    accounts = {
        name: Account(name, _ACCOUNT_ID + number, name in positive, stated=_stated(name))
        for number, name in enumerate(names)
    }
    written = sorted(
        (START_UTC + SPAN_S * chance.random(), number)
        for number, person in enumerate(crowd)
        for _ in range(person.posts)
    )
    items = list(_items(plan, crowd, written, accounts, chance))
    return Community(plan, accounts, items)


def _stated(name: str) -> str:
    """Return where somebody says they are, the same whenever there is somebody of this name."""
    return random.Random(name).choice(_STATED)


def _crowd(plan: Plan, chance: random.Random) -> list[Person]:
    """Return people who write the plan's items together."""
    crowd = people(plan.users, plan.items - plan.prolific * _PROLIFIC_ITEMS, chance)
    for place in range(plan.prolific):
        crowd[place] = replace(crowd[place], posts=_PROLIFIC_ITEMS)
    return crowd


def _items(
    plan: Plan,
    crowd: Sequence[Person],
    written: Sequence[tuple[float, int]],
    accounts: dict[str, Account],
    chance: random.Random,
) -> Iterator[Item]:
    """Yield an item for each moment and author, numbered by kind, in threads of the same subreddit."""
    threads: defaultdict[str, _Threads] = defaultdict(_Threads)
    numbers = {
        kind: _LONGER_ID - round(share * len(written) / 2)
        for kind, share in (("submission", _SUBMISSIONS), ("comment", 1 - _SUBMISSIONS))
    }
    history = max(0, len(written) - plan.live)
    now_utc = written[min(history, len(written) - 1)][0]
    for place, (at_utc, author) in enumerate(written):
        person = crowd[author]
        topic = chance.choice(person.topics)
        said = list(sentences(person, ABOUT["depression"], at_utc, topic, chance))
        account = accounts[chance.choice(BOTS) if chance.random() < _BOTS else person.name]
        is_new = not threads[topic].latest or chance.random() < _SUBMISSIONS
        kind: Kind = "submission" if is_new else "comment"
        created_utc = _created_utc(plan, place - history, at_utc - now_utc)
        item = Item(place, kind, numbers[kind], account, topic, created_utc)
        numbers[kind] += 1
        if kind == "submission":
            item.title, item.text = said[0], " ".join(said[1:])
            threads[topic].open(item)
        else:
            item.text = " ".join(said)
            threads[topic].join(item, chance)
        yield item


def _created_utc(plan: Plan, live_place: int, since_s: float) -> int:
    """Lay history before the opening, as far back as it was written, and what is live at an even pace."""
    if live_place >= 0:
        return plan.opens_utc + math.ceil((live_place + 1) / plan.live_per_s)
    return plan.opens_utc + int(since_s)


class _Threads:
    """The latest threads of a subreddit, which new comments join."""

    _MOST = 20

    def __init__(self) -> None:
        self.latest: list[Item] = []
        self._last_comment: dict[str, str] = {}

    def open(self, submission: Item) -> None:
        """Begin a thread."""
        submission.thread = submission
        self.latest.append(submission)
        for old in self.latest[: -self._MOST]:
            self._last_comment.pop(old.id, None)
        del self.latest[: -self._MOST]

    def join(self, comment: Item, chance: random.Random) -> None:
        """Put a comment into a thread, as an answer to the submission or to the last comment there."""
        thread = chance.choice(self.latest)
        last = self._last_comment.get(thread.id, "")
        comment.thread = thread
        comment.parent = last if last and chance.random() < _REPLIES else thread.name
        self._last_comment[thread.id] = comment.name
