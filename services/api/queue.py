"""The queue: the next case for whoever asks, nobody's so far, leased to them, and of the kind they want."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import chain

from catenae import Document, Documents
from services.api.alerts import AGAIN, COLLECTION, UNLABELLED, Alerts, Fit
from services.api.leases import Leases
from services.api.paging import AT_ONCE
from services.api.pseudonyms import Pseudonyms

SKIPS = "skips"
# Of what the queue gives, so much at most are cases that have come back, as long as there are others.
SHARE_AGAIN = 0.1


class WhySkipped(StrEnum):
    """Why somebody does not review a case. No more is kept of it: words might tell of a person."""

    ACQUAINTED = "acquainted"
    LANGUAGE = "language"
    TOO_MUCH = "too_much"
    OTHER = "other"


class Queue:
    """Gives cases. Thread-safe; replicas share what is leased and skipped, and count their shares each."""

    def __init__(self, documents: Documents, leases: Leases, pseudonyms: Pseudonyms, alerts: Alerts) -> None:
        self._documents = documents
        self._leases = leases
        self._pseudonyms = pseudonyms
        self._alerts = alerts
        self._given = {UNLABELLED: 0, AGAIN: 0}

    def next(self, account: str, wanted: Fit, now_ms: int) -> str | None:
        """Lease the next case to an account, and return whose it is; None if there is none left for it."""
        for shelf, alert in chain.from_iterable(self._cases(each) for each in self._order()):
            user = alert["id"]
            # One that cannot be shown would be given again and again, and no other.
            shown = self._alerts.answers([alert], account)
            if not shown or alert.get("leased_ms", 0) > now_ms or not wanted.fits(shown[0]):
                continue
            if (shelf == UNLABELLED and shown[0].is_done) or self._has_skipped(user, account):
                continue
            if self._leases.take(user, account).account == account:
                self._given[shelf] += 1
                return str(user)
        return None

    def skip(self, user: str, account: str, why: WhySkipped, now_ms: int) -> None:
        """Give a case to somebody else, and never again to this account."""
        skipped = {"id": self._skip_id(user, account), "why": why.value, "at_ms": now_ms}
        self._documents.upsert(SKIPS, [skipped])
        self._leases.leave(user, account)

    def _order(self) -> tuple[str, str]:
        given = sum(self._given.values())
        is_due = self._given[AGAIN] + 1 <= SHARE_AGAIN * (given + 1)
        return (AGAIN, UNLABELLED) if is_due else (UNLABELLED, AGAIN)

    def _cases(self, shelf: str) -> Iterator[tuple[str, Document]]:
        """Yield what waits on a shelf, the last raised first."""
        where = {"hidden": None, **({"again": True} if shelf == AGAIN else {"label": None})}
        cursor = None
        while True:
            found = self._documents.find(
                COLLECTION, where, sort="raised_ms", descending=True, limit=AT_ONCE, cursor=cursor
            )
            yield from ((shelf, each) for each in found.documents)
            cursor = found.cursor
            if cursor is None:
                return

    def _has_skipped(self, user: str, account: str) -> bool:
        return self._documents.get(SKIPS, self._skip_id(user, account)) is not None

    def _skip_id(self, user: str, account: str) -> str:
        return f"{self._pseudonyms.of_name(user)} {account}"
