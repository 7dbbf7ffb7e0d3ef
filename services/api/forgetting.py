"""Requests to forget a user: made here, carried out by the crawler's side, seen to be done."""

from collections.abc import Callable
from enum import StrEnum

from catenae import Between, Document, Documents
from services.api.answers import ForgetAnswer, Listed
from services.api.paging import Part, every, page
from services.api.readable import Reader

COLLECTION = "forget_requests"


class Status(StrEnum):
    """How far a request is."""

    REQUESTED = "requested"
    DONE = "done"


class Forgetting:
    """All requests, one per user."""

    def __init__(self, documents: Documents, reader: Reader, now_ms: Callable[[], int]) -> None:
        self._documents = documents
        self._reader = reader
        self._now_ms = now_ms

    def prepare(self) -> None:
        """Create what makes the lists fast."""
        for fields in (["requested_ms"], ["done_ms"], ["status"]):
            self._documents.ensure_index(COLLECTION, fields)

    def request(self, user: str, account: str, pseudonym: str | None = None) -> ForgetAnswer:
        """Ask that a user be forgotten; who has asked before is not asked again unless it was done.

        pseudonym  of the user, for the audit log once it is done
        """
        asked = {
            "id": user,
            "status": Status.REQUESTED.value,
            "requested_ms": self._now_ms(),
            "requested_by": account,
            "subject": pseudonym,
        }
        before = self.get(user)
        if before is None or before.status == Status.DONE:
            self._documents.upsert(COLLECTION, [asked])
        found = self.get(user)
        return found if found is not None else _answer(asked)

    def get(self, user: str) -> ForgetAnswer | None:
        """Return the request about a user, None if there is none."""
        found = self._documents.get(COLLECTION, user)
        return self._reader.one(_answer, found)

    def find(self, part: Part) -> Listed[ForgetAnswer]:
        """Return a part of the requests, the newest first."""
        found = page(self._documents, COLLECTION, {}, part, sort="requested_ms", descending=True)
        return self._reader.listed(_answer, found)

    def done_since(self, since_ms: int) -> list[str]:
        """Return the users that were forgotten from a time on."""
        where = {"done_ms": Between(since_ms)}
        found = every(self._documents, COLLECTION, where, sort="done_ms", fields=["id"])
        return [each["id"] for each in found]


def _answer(found: Document) -> ForgetAnswer:
    return ForgetAnswer.model_validate({"done_ms": None, **found, "user": found["id"]})
