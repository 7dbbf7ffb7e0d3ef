"""The audit log: who looked at whom and did what. Only ever added to; whom it is about is a pseudonym."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Literal

from catenae import Documents, Page
from services.api.audit_entry import COLLECTION, entry
from services.api.paging import Part, page
from services.api.pseudonyms import Pseudonyms

# What may be noted; the page has words for each.
Act = Literal[
    "sign-in",
    "sign-in failed",
    "sign-out",
    "password change",
    "password change failed",
    "alerts listed",
    "alert seen",
    "history seen",
    "label",
    "unlabel",
    "hide",
    "unhide",
    "users searched",
    "user seen",
    "probabilities seen",
    "posts seen",
    "record downloaded",
    "dataset downloaded",
    "forget requested",
    "forgotten",
    "forget requests listed",
    "dead letters seen",
    "dead letters replayed",
    "audit log read",
]


class Audit:
    """Writes before anything is shown or done: what cannot be logged does not happen."""

    def __init__(self, documents: Documents, pseudonyms: Pseudonyms, now_ms: Callable[[], int]) -> None:
        self._documents = documents
        self._pseudonyms = pseudonyms
        self._now_ms = now_ms
        self._number = count()

    def prepare(self) -> None:
        """Create what makes the log fast to search."""
        for fields in (["account"], ["action"], ["subject"], ["subject", "is_review"]):
            self._documents.ensure_index(COLLECTION, fields)

    def note(
        self, account: str, action: Act, user: str | None = None, *, is_review: bool = False, **detail: Any
    ) -> None:
        """Add that an account did something, perhaps with a user; `is_review` if it is about an alert."""
        subject = None if user is None else self._pseudonyms.of_name(user)
        made = entry(
            self._now_ms(),
            account,
            action,
            number=next(self._number),
            subject=subject,
            is_review=is_review,
            detail=detail,
        )
        self._documents.insert(COLLECTION, made)

    def find(self, where: Mapping[str, str | None], part: Part) -> Page:
        """Return a part of the log, the newest first: of an `account`, an `action`, a `user` if given."""
        given = {name: value for name, value in where.items() if value is not None}
        if "user" in given:
            given["subject"] = self._pseudonyms.of_name(given.pop("user"))
        return page(self._documents, COLLECTION, given, part, descending=True)

    def reviews(self, user: str, part: Part) -> Page:
        """Return a part of what was done about the alert of a user, the newest first."""
        where = {"subject": self._pseudonyms.of_name(user), "is_review": True}
        return page(self._documents, COLLECTION, where, part, descending=True)
