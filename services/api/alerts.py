"""Alerts as experts find them: listed and counted by what their reviews come to.

Their storer and the reviews share the documents: it merges what the topology knows, they what was said, and
neither touches the other's fields.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from catenae import Between, Document, Documents, Page
from services.api.answers import AgainAnswer, AlertAnswer, Counts, Label, Listed, Why
from services.api.first_look import OF_MODEL, FirstLook
from services.api.paging import AT_ONCE, Part, every, page
from services.api.problems import Problem
from services.api.readable import Reader
from services.api.review_record import Shelf, came_back

COLLECTION = "alerts"
# What changed so long before the last look may not have been seen then: clocks differ, and writes take time.
OVERLAP_MS = 2000


class Sort(StrEnum):
    """By what alerts are listed, largest first: when they were raised, their post's time, probability."""

    RAISED = "raised"
    RECENT = "recent"
    PROBABILITY = "probability"


class Whose(StrEnum):
    """Who works on the alerts that are listed."""

    MINE = "mine"
    NOBODYS = "nobodys"
    ALL = "all"


class Fit(NamedTuple):
    """Which cases somebody wants; as it is at first, all.

    bands            whose probability is in one of these; empty for any
    is_above         only those that are still above the threshold
    raised_since_ms  only those raised since
    """

    bands: frozenset[str] = frozenset()
    is_above: bool = False
    raised_since_ms: int = 0

    @property
    def is_by_score(self) -> bool:
        """Whether what it lets through tells of a score."""
        return bool(self.bands) or self.is_above

    def fits(self, alert: AlertAnswer) -> bool:
        """Say whether an alert is one of them; of one whose score is kept, what goes by it is not known."""
        probability = alert.probability
        return (
            (not self.bands or alert.band in self.bands)
            and (not self.is_above or (probability is not None and probability >= alert.threshold))
            and alert.raised_ms >= self.raised_since_ms
        )


class Wanted(NamedTuple):
    """Which alerts are wanted. `label` None is any, UNLABELLED what nobody has reviewed, AGAIN what came back
    after it was, else a shelf.
    """

    label: str | None
    is_hidden: bool
    sort: Sort
    at_least: float | None = None
    below: float | None = None
    whose: Whose = Whose.ALL
    fit: Fit = Fit()

    @property
    def tells_scores(self) -> bool:
        """Whether what is listed, or in what order, tells of a score."""
        return self.sort is Sort.PROBABILITY or self.fit.is_by_score


UNLABELLED, AGAIN = "none", "again"
_OPTIONAL = (
    "labelled_by",
    "labelled_ms",
    "hidden_by",
    "hidden_ms",
    "snoozed_ms",
    "leased_by",
    "leased_ms",
)
_UNSAID = {
    **dict.fromkeys(_OPTIONAL),
    "review_version": 0,
    "changed_ms": 0,
}
_FIELD = {Sort.RAISED: "raised_ms", Sort.RECENT: "opened_utc", Sort.PROBABILITY: "probability"}


class Alerts:
    """All alerts, each as the account that asks may see it."""

    def __init__(self, documents: Documents, reader: Reader, first_look: FirstLook) -> None:
        self._documents = documents
        self._reader = reader
        self._first_look = first_look

    def prepare(self) -> None:
        """Create what makes every list fast, and date alerts of before they had a time of their own."""
        for field in _FIELD.values():
            self._documents.ensure_index(COLLECTION, ["hidden", field])
            self._documents.ensure_index(COLLECTION, ["hidden", "label", field])
            self._documents.ensure_index(COLLECTION, ["hidden", "again", field])
            self._documents.ensure_index(COLLECTION, ["hidden", "label", "band", field])
        self._documents.ensure_index(COLLECTION, ["changed_ms"])
        self._documents.ensure_index(COLLECTION, ["hidden", "snoozed_ms"])
        self._documents.ensure_index(COLLECTION, ["hidden", "label", "opinions"])
        for field in ("leased_by", "leased_ms", "review_version"):
            self._documents.ensure_index(COLLECTION, [field])
        for hidden in (None, True):
            undated = {"hidden": hidden, "raised_ms": None}
            for found in every(self._documents, COLLECTION, undated, fields=["opened_utc"]):
                if type(found["opened_utc"]) is int:
                    dated = {"id": found["id"], "raised_ms": found["opened_utc"] * 1000}
                    self._documents.merge(COLLECTION, [dated], create=False)

    def find(self, wanted: Wanted, part: Part, account: str) -> Listed[AlertAnswer]:
        """Return a part of the alerts that are wanted. Raise Problem where their order told the score."""
        if self._first_look.is_blind and wanted.tells_scores:
            raise Problem(403, "This project looks first without the score: list by another order.")
        if wanted.whose is Whose.MINE:
            return self._mine(wanted, account)
        where: dict[str, Any] = {"hidden": True if wanted.is_hidden else None}
        if wanted.label == AGAIN:
            where["again"] = True
        elif wanted.label is not None:
            where["label"] = None if wanted.label == UNLABELLED else wanted.label
        if len(wanted.fit.bands) == 1:
            (where["band"],) = wanted.fit.bands
        if wanted.fit.raised_since_ms:
            where["raised_ms"] = Between(wanted.fit.raised_since_ms)
        if wanted.at_least is not None or wanted.below is not None:
            where["probability"] = Between(wanted.at_least, wanted.below)
        found = page(self._documents, COLLECTION, where, part, sort=_FIELD[wanted.sort], descending=True)
        return self._listed(found, account, lambda each: _is_for(each, wanted))

    def _mine(self, wanted: Wanted, account: str) -> Listed[AlertAnswer]:
        """Return what an account works on, in one part: nobody has more than a few open."""
        found = self._documents.find(COLLECTION, {"leased_by": account}, limit=AT_ONCE).documents
        listed = self._listed(Page(found, None), account, lambda each: _is_listed(each, wanted))
        listed.items.sort(key=lambda each: getattr(each, _FIELD[wanted.sort]) or 0, reverse=True)
        return listed

    def _listed(
        self, found: Page, account: str, is_wanted: Callable[[AlertAnswer], bool]
    ) -> Listed[AlertAnswer]:
        """Return what is wanted of a part: asked of answers, as a document may hold anything."""
        listed = self._reader.listed(self._answer(account), found)
        return listed.model_copy(update={"items": [each for each in listed.items if is_wanted(each)]})

    def get(self, user: str, account: str) -> AlertAnswer | None:
        """Return the alert of a user, None if there is none."""
        return self._reader.one(self._answer(account), self._documents.get(COLLECTION, user))

    def is_kept(self, user: str, account: str) -> bool:
        """Say whether what the model makes of a user is kept from an account."""
        return self._first_look.is_blind and user in self.kept([user], account)

    def is_alone(self, user: str, account: str) -> bool:
        """Say whether what colleagues find of a user is kept from an account."""
        found = None if self._first_look.opinions == 1 else self._documents.get(COLLECTION, user)
        return found is not None and self._first_look.is_alone(account, found)

    def kept(self, users: Sequence[str], account: str) -> set[str]:
        """Return of which of these users it is."""
        if not self._first_look.is_blind:
            return set()
        found = self._documents.get_many(COLLECTION, users)
        return {user for user in users if self._first_look.hides(account, found.get(user))}

    def labels(self, users: Sequence[str]) -> dict[str, Label | None]:
        """Return the label of each of these users that has an alert."""
        found = self._documents.get_many(COLLECTION, users)
        return {each.user: each.label for each in self.answers(found.values(), account="")}

    def answers(self, found: Iterable[Document], account: str) -> list[AlertAnswer]:
        """Return those of alerts that can be shown."""
        return self._reader.every(self._answer(account), found)[0]

    def alike(self, accounts: Iterable[str]) -> Iterable[frozenset[str]]:
        """Return the accounts in groups, all of each of which may see the same."""
        if self._first_look.is_same_for_all:
            return [frozenset(accounts)]
        return [frozenset([each]) for each in accounts]

    def counts(self, account: str | None = None) -> Counts:
        """Return how many alerts there are of each kind; to an account, of those that wait for its word."""
        hidden = self._documents.count(COLLECTION, {"hidden": True})
        shelves = {
            shelf.value: self._documents.count(COLLECTION, {"hidden": None, "label": shelf.value})
            for shelf in Shelf
        }
        # The rest is by far the most, and a server that were to count it would look at each.
        unlabelled = self._documents.count(COLLECTION) - hidden - sum(shelves.values()) - self._done(account)
        again = self._documents.count(COLLECTION, {"hidden": None, "again": True})
        return Counts(unlabelled=max(0, unlabelled), hidden=hidden, again=again, **shelves)

    def _done(self, account: str | None) -> int:
        """Return how many cases without a label wait for others than an account."""
        if account is None or self._first_look.opinions == 1:
            return 0
        begun = {"hidden": None, "label": None, "opinions": Between(1)}
        found = every(self._documents, COLLECTION, begun, sort="opinions", fields=["said_by", "label"])
        return sum(self._first_look.is_done(account, each) for each in found)

    def changed_since(self, since_ms: int) -> list[Document]:
        """Return the alerts that changed from about a time on, oldest change first."""
        changed = {"changed_ms": Between(since_ms - OVERLAP_MS)}
        return list(every(self._documents, COLLECTION, changed, sort="changed_ms"))

    def judged(self, band: str) -> tuple[int, int]:
        """Return how many alerts that stand in a band now are risk or no risk, and how many of them risk."""
        counts = {
            label: self._documents.count(COLLECTION, {"hidden": None, "label": label.value, "band": band})
            for label in Label
        }
        return sum(counts.values()), counts[Label.RISK]

    def wake(self, now_ms: int) -> None:
        """Have those come back that were put off until now, and those be nobody's on which nobody works."""
        left = self._documents.find(COLLECTION, {"leased_ms": Between(None, now_ms + 1)}, sort="leased_ms")
        for found in left.documents:
            free = {"id": found["id"], "leased_by": None, "leased_ms": None, "changed_ms": now_ms}
            self._documents.merge(COLLECTION, [free], create=False)
        due = {"hidden": None, "snoozed_ms": Between(None, now_ms + 1)}
        for found in self._documents.find(COLLECTION, due, sort="snoozed_ms").documents:
            self._documents.merge(COLLECTION, [came_back(found, Why.DATE, now_ms)], create=False)

    def _answer(self, account: str) -> Callable[[Document], AlertAnswer]:
        def answer(found: Document) -> AlertAnswer:
            return alert_answer(found, account, self._first_look)

        return answer


def _is_for(each: AlertAnswer, wanted: Wanted) -> bool:
    """Say of a listed alert whether it is also of those that no index knows."""
    is_anybodys = wanted.whose is not Whose.NOBODYS or each.leased_by is None
    is_done = wanted.label == UNLABELLED and each.is_done
    return is_anybodys and wanted.fit.fits(each) and not is_done


def _is_listed(each: AlertAnswer, wanted: Wanted) -> bool:
    """Say whether an alert is of the label that is wanted, and hidden or not as wanted."""
    on_shelf = wanted.label in (None, each.shelf or UNLABELLED)
    is_labelled = each.again is not None if wanted.label == AGAIN else on_shelf
    least, below = wanted.at_least or 0.0, 2.0 if wanted.below is None else wanted.below
    is_between = each.probability is None or least <= each.probability < below
    return is_labelled and is_between and wanted.fit.fits(each) and each.is_hidden == wanted.is_hidden


def alert_answer(found: Document, account: str, first_look: FirstLook) -> AlertAnswer:
    """Return an alert as an account may see it."""
    is_blind = first_look.hides(account, found)
    if any(found[field] is None for field in OF_MODEL):
        raise ValueError("an alert without a score")
    shelf, opened_utc = found.get("label"), found["opened_utc"]
    by, at_ms = (found.get(f"{'labelled' if shelf else 'hidden'}_{what}") for what in ("by", "ms"))
    derived = {
        "raised_ms": found.get("raised_ms", opened_utc * 1000 if type(opened_utc) is int else None),
        "shelf": shelf,
        "label": shelf if shelf in [each.value for each in Label] else None,
        "is_hidden": found.get("hidden") is True,
        "reviewed_by": by,
        "reviewed_ms": at_ms,
        "is_blind": is_blind,
        "is_alone": first_look.is_alone(account, found),
        "is_done": first_look.is_done(account, found),
        "opinions": found.get("opinions") or 0,
        "again": _again(found, is_blind=is_blind),
    }
    answer = AlertAnswer.model_validate({**_UNSAID, **found, **derived})
    return answer.model_copy(update=dict.fromkeys(OF_MODEL)) if is_blind else answer


def _again(found: Document, *, is_blind: bool) -> AgainAnswer | None:
    """Return how an alert has come back; one that was reviewed meanwhile is not back any more."""
    if found.get("again") is not True or found.get("again_of") != found.get("review_version"):
        return None
    then = {} if is_blind else {"why": found["again_why"], **(found.get("reviewed") or {})}
    return AgainAnswer.model_validate(
        {**dict.fromkeys(("why", "probability", "posts")), **then, "at_ms": found["again_ms"]}
    )
