"""Alerts as experts work with them: listed, labelled, hidden.

Their storer and the experts share the documents: it merges what the topology knows, an expert what the expert
says, and neither touches the other's fields.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from catenae import Between, Document, Documents
from services.api.answers import AlertAnswer, Counts, Label, Listed
from services.api.paging import Part, every, page
from services.api.readable import Reader

COLLECTION = "alerts"
# What changed so long before the last look may not have been seen then: clocks differ, and writes take time.
OVERLAP_MS = 2000


class Sort(StrEnum):
    """By what alerts are listed: when they were opened, newest first, or the probability, largest first."""

    RECENT = "recent"
    PROBABILITY = "probability"


class Wanted(NamedTuple):
    """Which alerts are wanted. `label` None is any; UNLABELLED those without one."""

    label: str | None
    is_hidden: bool
    sort: Sort
    at_least: float | None = None
    below: float | None = None


UNLABELLED = "none"
_FIELD = {Sort.RECENT: "opened_utc", Sort.PROBABILITY: "probability"}


class Alerts:
    """All alerts."""

    def __init__(self, documents: Documents, reader: Reader, now_ms: Callable[[], int]) -> None:
        self._documents = documents
        self._reader = reader
        self._now_ms = now_ms

    def prepare(self) -> None:
        """Create what makes every list fast."""
        for field in _FIELD.values():
            self._documents.ensure_index(COLLECTION, ["hidden", field])
            self._documents.ensure_index(COLLECTION, ["hidden", "label", field])
        self._documents.ensure_index(COLLECTION, ["changed_ms"])

    def find(self, wanted: Wanted, part: Part) -> Listed[AlertAnswer]:
        """Return a part of the alerts that are wanted."""
        where: dict[str, Any] = {"hidden": True if wanted.is_hidden else None}
        if wanted.label is not None:
            where["label"] = None if wanted.label == UNLABELLED else wanted.label
        if wanted.at_least is not None or wanted.below is not None:
            where["probability"] = Between(wanted.at_least, wanted.below)
        found = page(self._documents, COLLECTION, where, part, sort=_FIELD[wanted.sort], descending=True)
        return self._reader.listed(alert_answer, found)

    def get(self, user: str) -> AlertAnswer | None:
        """Return the alert of a user, None if there is none."""
        return self._reader.one(alert_answer, self._documents.get(COLLECTION, user))

    def labels(self, users: Sequence[str]) -> dict[str, Label | None]:
        """Return the label of each of these users that has an alert."""
        found = self._documents.get_many(COLLECTION, users)
        return {each.user: each.label for each in self.answers(found.values())}

    def answers(self, found: Iterable[Document]) -> list[AlertAnswer]:
        """Return those of alerts that can be shown."""
        return self._reader.every(alert_answer, found)[0]

    def counts(self) -> Counts:
        """Return how many alerts there are of each kind."""
        hidden = self._documents.count(COLLECTION, {"hidden": True})
        risk, no_risk = (
            self._documents.count(COLLECTION, {"hidden": None, "label": label.value})
            for label in (Label.RISK, Label.NO_RISK)
        )
        # The rest is by far the most, and a server that were to count it would look at each.
        unlabelled = self._documents.count(COLLECTION) - hidden - risk - no_risk
        return Counts(unlabelled=max(0, unlabelled), risk=risk, no_risk=no_risk, hidden=hidden)

    def label(self, user: str, label: Label | None, account: str) -> AlertAnswer | None:
        """Say what the alert of a user is, or nothing any more; None if there is none."""
        return self._review(user, account, label=None if label is None else label.value)

    def hide(self, user: str, account: str, *, is_hidden: bool) -> AlertAnswer | None:
        """Take the alert of a user out of the lists, or put it back; None if there is none."""
        return self._review(user, account, hidden=is_hidden or None)

    def changed_since(self, since_ms: int) -> list[Document]:
        """Return the alerts that changed from about a time on, oldest change first."""
        changed = {"changed_ms": Between(since_ms - OVERLAP_MS)}
        return list(every(self._documents, COLLECTION, changed, sort="changed_ms"))

    def _review(self, user: str, account: str, **fields: str | bool | None) -> AlertAnswer | None:
        now_ms = self._now_ms()
        said = {"reviewed_by": account, "reviewed_ms": now_ms, "changed_ms": now_ms, **fields}
        self._documents.merge(COLLECTION, [{"id": user, **said}], create=False)
        return self.get(user)


def alert_answer(found: Document) -> AlertAnswer:
    """Return an alert as it is answered."""
    unsaid = {"label": None, "reviewed_by": None, "reviewed_ms": None, "changed_ms": 0}
    return AlertAnswer.model_validate({**unsaid, **found, "is_hidden": found.get("hidden") is True})
