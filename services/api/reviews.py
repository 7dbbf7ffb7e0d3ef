"""Reviews of cases: added under the next number, so that of two who act at once one is told of the other.

An alert keeps what its reviews come to, by which lists find it. The records are the truth: whoever has added
one brings the alert up to date, and looks again until there is no later one.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from catenae import Between, Document, Documents
from services.api.first_look import FirstLook
from services.api.former_labels import UNRECORDED, former_records, is_unrecorded
from services.api.paging import every
from services.api.pseudonyms import Pseudonyms
from services.api.review_record import (
    COLLECTION,
    COUNTS,
    NOBODY,
    Deed,
    Record,
    Shelf,
    Standing,
    Verdict,
    alert_fields,
    standing,
)

ALERTS = "alerts"
# So many of the newest records may have been added by a process that died before it told the alert.
TOLD_AGAIN = 200


class Overtaken(Exception):
    """Somebody has done something with a case since it was read; `last` is what was done last."""

    def __init__(self, last: Record) -> None:
        self.last = last
        super().__init__("the case has changed since it was read")


class Unfit(Exception):
    """Something that cannot be done with a case as it stands; says why."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a reviewer says of a case, and how it was come to.

    confidence  1 not sure at all … 5 sure
    looked_ms   how long the case had been looked at
    is_blind    said before the probability was seen
    snoozed_ms  when the case is wanted again, and not before; None for whenever there is a reason
    """

    verdict: Verdict
    confidence: int | None = None
    reason: str = ""
    note: str = ""
    looked_ms: int | None = None
    is_blind: bool = False
    snoozed_ms: int | None = None


class Reviews:
    """All reviews of all cases.

    A change returns whether there is such a case. With `expected`, how many records there were when the case
    was read, it raises Overtaken if there are more by now.
    """

    def __init__(
        self, documents: Documents, pseudonyms: Pseudonyms, now_ms: Callable[[], int], first_look: FirstLook
    ) -> None:
        self._documents = documents
        self._pseudonyms = pseudonyms
        self._now_ms = now_ms
        self._first_look = first_look

    def prepare(self) -> None:
        """Create what makes each case fast; record labels of before, tell alerts what they were not told."""
        for fields in (["user", "number"], ["at_ms"]):
            self._documents.ensure_index(COLLECTION, fields)
        for where in UNRECORDED:
            for alert in every(self._documents, ALERTS, where):
                self._record(alert)
        for shelf in Shelf:
            # Of before it was kept who has looked.
            untold = {"hidden": None, "label": shelf.value, "said_by": None}
            for alert in list(every(self._documents, ALERTS, untold, fields=["id"])):
                self._tell_alert(alert["id"])
        asked = None if self._first_look.opinions == 1 else self._first_look.opinions
        reviewed = every(self._documents, ALERTS, {"review_version": Between(1)}, fields=["opinions_asked"])
        for alert in [each for each in reviewed if each["opinions_asked"] != asked]:
            self._tell_alert(alert["id"])
        newest = self._documents.find(
            COLLECTION, sort="at_ms", descending=True, limit=TOLD_AGAIN, fields=["user", "number"]
        ).documents
        alerts = self._documents.get_many(ALERTS, dict.fromkeys(each["user"] for each in newest))
        for each in newest:
            if alerts.get(each["user"], {}).get("review_version", 0) < each["number"]:
                self._tell_alert(each["user"])

    def documents(self, user: str) -> list[Document]:
        """Return what is stored of the reviews of a case, the oldest first."""
        return list(every(self._documents, COLLECTION, {"user": user}, sort="number"))

    def opinions(self) -> Iterator[dict[str, Verdict]]:
        """Yield what each account says now, of one case after another; of those that were forgotten too."""
        for now in self._cases():
            yield {who: each.verdict for who, each in now.opinions.items() if who != NOBODY and each.verdict}
        for kept in every(self._documents, COUNTS):
            yield {who: Verdict(verdict) for who, verdict in kept["opinions"] if who != NOBODY}

    def first_looks(self) -> Counter[str]:
        """Return how often somebody said something without the score, and how often else after it."""
        counted = sum((each.first_looks for each in self._cases()), Counter[str]())
        for kept in every(self._documents, COUNTS, fields=["first_looks"]):
            counted.update(kept.get("first_looks") or {})
        return counted

    def _cases(self) -> Iterator[Standing]:
        """Yield what the reviews of each case come to."""
        found = every(self._documents, COLLECTION, sort="user")
        for _, records in groupby(found, key=itemgetter("user")):
            yield standing(map(Record.of, sorted(records, key=itemgetter("number"))))

    def check(self, user: str, account: str, expected: int | None) -> None:
        """Raise Overtaken as a change would."""
        now = self._standing(user)
        if self._is_alone(now, account):
            return
        last = now.last
        if last is not None and expected is not None and last.number != expected:
            raise Overtaken(last)

    def say(self, user: str, account: str, opinion: Opinion, expected: int | None = None) -> bool:
        """Add what an account says of a case, in place of what it said before.

        Whether a first look was blind is known here, where the project is; elsewhere it is as they say. Who
        judges a case without knowing what colleagues find is overtaken by none of them.
        """
        now = self._standing(user)
        if self._first_look.is_blind:
            opinion = replace(opinion, is_blind=account not in now.first)
        if self._is_alone(now, account):
            expected = None
        said: dict[str, Any] = {name: getattr(opinion, name) for name in opinion.__slots__}
        return self._add(user, account, Deed.SAID, expected, {**said, "verdict": opinion.verdict.value})

    def take_back(self, user: str, account: str, expected: int | None = None) -> bool:
        """Take back what an account has said of a case, and nobody else's word."""
        if {account, NOBODY}.isdisjoint(self._standing(user).opinions):
            return self._is_there(user)
        return self._add(user, account, Deed.TOOK_BACK, expected, {})

    def settle(
        self, user: str, account: str, verdict: Verdict, note: str, expected: int | None = None
    ) -> bool:
        """Decide between opinions that differ. Raise Unfit unless a third person decides."""
        now = self._standing(user)
        opinions = now.opinions
        if not now.is_judged(self._first_look.opinions):
            raise Unfit("Not all who are to judge this case have: nothing is to be settled yet.")
        if account in opinions:
            raise Unfit("You have reviewed this case yourself: it takes a third person to settle it.")
        if len({each.verdict for each in opinions.values()}) < 2:
            raise Unfit("There are no opinions that differ: nothing is to be settled.")
        return self._add(user, account, Deed.SETTLED, expected, {"verdict": verdict.value, "note": note})

    def unsettle(self, user: str, account: str, expected: int | None = None) -> bool:
        """Take back one's own decision. Raise Unfit where it is somebody else's."""
        settled = self._standing(user).settled
        if settled is None:
            return self._is_there(user)
        if settled.account != account:
            raise Unfit(f"{settled.account} has settled this case, and alone can take it back.")
        return self._add(user, account, Deed.UNSETTLED, expected, {})

    def hide(
        self, user: str, account: str, reason: str = "", expected: int | None = None, *, is_hidden: bool
    ) -> bool:
        """Take a case out of the lists, or put it back."""
        if (self._standing(user).hidden is not None) == is_hidden:
            return self._is_there(user)
        deed = Deed.HID if is_hidden else Deed.SHOWED
        return self._add(user, account, deed, expected, {"reason": reason} if is_hidden else {})

    def _standing(self, user: str) -> Standing:
        alert = self._documents.get(ALERTS, user)
        if alert is not None and is_unrecorded(alert):
            self._record(alert)
        return standing(Record.of(each) for each in self.documents(user))

    def _is_alone(self, now: Standing, account: str) -> bool:
        asked = self._first_look.opinions
        return asked > 1 and account not in now.first and not now.is_judged(asked)

    def _is_there(self, user: str) -> bool:
        return self._documents.get(ALERTS, user) is not None

    def _record(self, alert: Document) -> None:
        """Make records of what an alert was said to be when there were none yet."""
        user = alert["id"]
        former = former_records(self._documents, self._pseudonyms, alert)
        for number, record in enumerate(former, start=1):
            ids = {"id": record_id(user, number), "user": user, "number": number}
            self._documents.insert(COLLECTION, {**record, **ids})
        self._tell_alert(user)

    def _add(self, user: str, account: str, deed: Deed, expected: int | None, said: dict[str, Any]) -> bool:
        while True:
            last = self._standing(user).last
            alert = self._documents.get(ALERTS, user)
            if alert is None:
                return False
            if last is not None and expected is not None and last.number != expected:
                raise Overtaken(last)
            number = 1 if last is None else last.number + 1
            first = self._documents.get(COLLECTION, record_id(user, 1)) or {}
            added = {
                "id": record_id(user, number),
                "user": user,
                # By which cases are told apart once nobody may know whose they were.
                "case": first.get("case") or uuid.uuid4().hex,
                "number": number,
                "account": account,
                "deed": deed.value,
                "at_ms": self._now_ms(),
                "of": _seen(alert),
                **said,
            }
            if self._documents.insert(COLLECTION, added):
                return self._tell_alert(user)

    def _tell_alert(self, user: str) -> bool:
        """Bring an alert up to date; where it is gone its user is forgotten, and so are the reviews."""
        told = -1
        while True:
            now = standing(Record.of(each) for each in self.documents(user))
            if now.version == told:
                return True
            fields = {**alert_fields(now, self._first_look.opinions), "changed_ms": self._now_ms()}
            if not self._documents.merge(ALERTS, [{"id": user, **fields}], create=False):
                self._documents.delete(COLLECTION, [each["id"] for each in self.documents(user)])
                return False
            told = now.version


def record_id(user: str, number: int) -> str:
    """Return the id that only one record of a case can have."""
    return f"{number:06}:{user}"


def _seen(alert: Document) -> dict[str, Any]:
    """Return what was known of a case when somebody acted on it."""
    posts = alert.get("opened_after", 0) + alert.get("posts_since", 0)
    return {"probability": alert.get("probability"), "model": alert.get("model"), "posts": posts}
