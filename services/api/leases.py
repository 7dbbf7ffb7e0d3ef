"""Who works on a case: for minutes, so that nobody takes up what somebody has open, unasked.

Records of a case are numbered, and whoever adds the next one holds the case; so of many who try at once one
does, on whatever documents. A case goes by its person's pseudonym. The alert shows who has it.
"""

from collections.abc import Callable
from typing import NamedTuple

from catenae import Document, Documents
from services.api.pseudonyms import Pseudonyms

COLLECTION = "leases"
ALERTS = "alerts"
LEASE_MS = 5 * 60_000


class Lease(NamedTuple):
    """Who works on a case, and until when unless they go on."""

    account: str
    until_ms: int


class Leases:
    """All leases. A case can be reviewed without one: they tell, and forbid nothing."""

    def __init__(self, documents: Documents, pseudonyms: Pseudonyms, now_ms: Callable[[], int]) -> None:
        self._documents = documents
        self._pseudonyms = pseudonyms
        self._now_ms = now_ms

    def prepare(self) -> None:
        """Create what makes each case fast."""
        self._documents.ensure_index(COLLECTION, ["case", "number"])

    def take(self, user: str, account: str) -> Lease:
        """Take a case that is nobody's, or go on with one's own; return who has it now, oneself or not."""
        case, now_ms = self._pseudonyms.of_name(user), self._now_ms()
        last = self._last(case)
        if last is not None and last["until_ms"] > now_ms and last["account"] != account:
            return _lease(last)
        number = 1 if last is None else last["number"] + 1
        mine = Lease(account, now_ms + LEASE_MS)
        self._documents.insert(
            COLLECTION, {"id": _id(case, number), "case": case, "number": number, **mine._asdict()}
        )
        # Another one may have been first with this number, or further already.
        held = self._last(case)
        if held is not None and (held["number"], held["account"]) != (number, account):
            return _lease(held)
        self._show(user, mine)
        if last is not None:
            self._documents.delete(COLLECTION, [last["id"]])
        return mine

    def leave(self, user: str, account: str) -> None:
        """Leave a case to whoever wants it, if it is one's own."""
        case = self._pseudonyms.of_name(user)
        last = self._last(case)
        if last is not None and last["account"] == account:
            self._documents.merge(COLLECTION, [{"id": last["id"], "until_ms": 0}], create=False)
            self._show(user, None)

    def _last(self, case: str) -> Document | None:
        found = self._documents.find(
            COLLECTION, {"case": case}, sort="number", descending=True, limit=1
        ).documents
        return found[0] if found else None

    def _show(self, user: str, lease: Lease | None) -> None:
        """Have the alert say who works on it."""
        shown = {
            "id": user,
            "leased_by": None if lease is None else lease.account,
            "leased_ms": None if lease is None else lease.until_ms,
            "changed_ms": self._now_ms(),
        }
        self._documents.merge(ALERTS, [shown], create=False)


def _id(case: str, number: int) -> str:
    """Return the id that only one record of a case can have."""
    return f"{number:09}:{case}"


def _lease(record: Document) -> Lease:
    return Lease(record["account"], record["until_ms"])
