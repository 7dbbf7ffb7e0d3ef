"""What is kept of a review, and what the reviews of a case come to.

Records of a case are numbered and only ever added: nobody's is changed by another's. What an alert shows as
its label, and whether it is hidden, is what they come to together. Nodes without a server read this too.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from catenae import Document

COLLECTION = "reviews"
# What stays of them when somebody is forgotten.
COUNTS = "review_counts"
# Whose a label is of which nobody knows who gave it: it stands until somebody says something.
NOBODY = ""


class Deed(StrEnum):
    """What somebody did with a case."""

    SAID = "said"
    TOOK_BACK = "took back"
    SETTLED = "settled"
    UNSETTLED = "unsettled"
    HID = "hid"
    SHOWED = "showed"


class Verdict(StrEnum):
    """What a reviewer finds."""

    RISK = "risk"
    NO_RISK = "no_risk"
    UNSURE = "unsure"


class Shelf(StrEnum):
    """Where a case is by its reviews; where there are none, on no shelf."""

    RISK = "risk"
    NO_RISK = "no_risk"
    UNSURE = "unsure"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that one account did with a case. `verdict` is that of `SAID` and of `SETTLED`.

    is_blind    said before the probability was seen
    seen        what the alert was then: probability, model, posts; None where it is not known
    snoozed_ms  when the case is wanted again at the earliest; None for whenever there is a reason
    """

    number: int
    account: str
    deed: Deed
    verdict: Verdict | None
    at_ms: int
    is_blind: bool = False
    seen: Mapping[str, Any] | None = field(default=None, compare=False)
    snoozed_ms: int | None = None

    @classmethod
    def of(cls, found: Document) -> "Record":
        """Return a record as it is stored; raise ValueError, KeyError or TypeError for what is none."""
        verdict = found.get("verdict")
        return cls(
            int(found["number"]),
            str(found["account"]),
            Deed(found["deed"]),
            None if verdict is None else Verdict(verdict),
            int(found["at_ms"]),
            found.get("is_blind") is True,
            found.get("of"),
            found.get("snoozed_ms"),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """What the records of a case come to.

    opinions   by account, what each said last and has not taken back
    first      by account, what each said first, taken back or not
    settled    the word of a third person on opinions that differ
    hidden     who took the case out of the lists
    last       the newest record of all
    """

    opinions: Mapping[str, Record] = field(default_factory=dict)
    first: Mapping[str, Record] = field(default_factory=dict)
    settled: Record | None = None
    hidden: Record | None = None
    last: Record | None = None

    @property
    def version(self) -> int:
        """How many records there are."""
        return 0 if self.last is None else self.last.number

    @property
    def shelf(self) -> Shelf | None:
        """What was settled; else what all say who are sure, if they say the same."""
        if self.settled is not None:
            return _shelf(self.settled)
        shelves = {_shelf(each) for each in self.opinions.values()}
        sure = shelves - {Shelf.UNSURE}
        return Shelf.DISPUTED if len(sure) > 1 else next(iter(sure or shelves), None)

    def is_judged(self, opinions: int) -> bool:
        """Say whether so many have said what they find as are asked, or a label stands all the same."""
        return len(self.opinions) >= opinions or NOBODY in self.opinions or self.settled is not None

    @property
    def first_looks(self) -> Counter[str]:
        """How many looked first without the score and say something now, and of them how many else."""
        both = [
            (each.verdict, self.opinions[who].verdict)
            for who, each in self.first.items()
            if each.is_blind and who in self.opinions
        ]
        return Counter(looks=len(both), changed=sum(before is not now for before, now in both))

    @property
    def decisive(self) -> Record | None:
        """The newest record that puts the case on its shelf."""
        if self.settled is not None:
            return self.settled
        shelf = self.shelf
        found = [each for each in self.opinions.values() if shelf in {_shelf(each), Shelf.DISPUTED}]
        return max(found, key=lambda each: each.number, default=None)


def standing(records: Iterable[Record]) -> Standing:
    """Return what records come to, given in the order of their numbers."""
    now = Standing()
    for each in records:
        now = replace(_after(now, each), last=each)
    return now


def _after(now: Standing, record: Record) -> Standing:
    replaced = {record.account, NOBODY}
    others = {account: each for account, each in now.opinions.items() if account not in replaced}
    match record.deed:
        case Deed.SAID:
            first = {record.account: record, **now.first}
            return replace(now, opinions={**others, record.account: record}, first=first)
        case Deed.TOOK_BACK:
            return replace(now, opinions=others)
        case Deed.SETTLED:
            return replace(now, settled=record)
        case Deed.UNSETTLED:
            return replace(now, settled=None)
        case Deed.HID:
            return replace(now, hidden=record)
        case Deed.SHOWED:
            return replace(now, hidden=None)


def _shelf(record: Record) -> Shelf | None:
    return None if record.verdict is None else Shelf(record.verdict.value)


def alert_fields(now: Standing, opinions: int = 1) -> dict[str, object]:
    """Return the fields of an alert that its reviews come to; None takes a field away.

    opinions  how many are to judge a case before it has a label
    """
    is_judged = now.is_judged(opinions)
    decisive, shelf = (now.decisive, now.shelf) if is_judged else (None, None)
    hidden = now.hidden
    return {
        "opinions": len(now.opinions.keys() - {NOBODY}) or None,
        "opinions_asked": None if opinions == 1 else opinions,
        "label": None if shelf is None else shelf.value,
        "labelled_by": None if decisive is None else decisive.account,
        "labelled_ms": None if decisive is None else decisive.at_ms,
        "said_by": sorted(now.first) or None,
        # From which on the person's picture may have changed so much that the case comes back.
        "reviewed": _known(decisive),
        "snoozed_ms": None if decisive is None else decisive.snoozed_ms,
        **dict.fromkeys(("again", "again_ms", "again_why", "again_of")),
        "hidden": True if hidden is not None else None,
        "hidden_by": None if hidden is None else hidden.account,
        "hidden_ms": None if hidden is None else hidden.at_ms,
        "review_version": now.version,
    }


def came_back(alert: Mapping[str, Any], why: str, now_ms: int) -> dict[str, Any]:
    """Return the fields of an alert that has come back; the next review of it takes them away."""
    return {
        "id": alert["id"],
        "again": True,
        "again_ms": now_ms,
        "again_why": why,
        "again_of": alert["review_version"],
        "snoozed_ms": None,
        "changed_ms": now_ms,
    }


def _known(record: Record | None) -> dict[str, Any] | None:
    """Return what was known of a case when it was reviewed, if it is told."""
    seen = record.seen if record is not None else None
    if seen is None or seen.get("probability") is None or seen.get("posts") is None:
        return None
    return {"probability": seen["probability"], "posts": seen["posts"]}
