"""The audit log: who looked at whom and did what. Only ever added to; whom it is about is a pseudonym."""

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any, Literal

from catenae import Documents, Page
from services.api.audit_entry import COLLECTION, COMMAND_LINE, entry
from services.api.paging import Part, page
from services.api.pseudonyms import Pseudonyms

__all__ = ["COLLECTION", "COMMAND_LINE", "Act", "Audit", "Shown"]

# What may be noted; the page has words for each.
Act = Literal[
    "sign-in",
    "sign-in failed",
    "sign-out",
    "password change",
    "password change failed",
    "other sessions ended",
    "code asked for",
    "code refused",
    "recovery code used",
    "second factor offered",
    "second factor set up",
    "second factor set-up failed",
    "second factor taken away",
    "alerts listed",
    "alert seen",
    "case given",
    "case skipped",
    "history seen",
    "label",
    "unlabel",
    "hide",
    "unhide",
    "settle",
    "unsettle",
    "review refused",
    "reviews seen",
    "users searched",
    "user seen",
    "probabilities seen",
    "posts seen",
    "record downloaded",
    "dataset downloaded",
    "forget requested",
    "forgotten",
    "forget requests listed",
    "topic begun",
    "topic changed",
    "topic forgotten",
    "topic posts seen",
    "dead letters seen",
    "dead letters replayed",
    "node paused",
    "node resumed",
    "role refused",
    "audit log read",
    "alert shown",
    "user shown",
    "alert pushed",
    "account added",
    "account disabled",
    "account enabled",
    "role changed",
    "way to sign in changed",
    "dataset exported",
    "pseudonyms replaced",
]
# Of one person each, beside the one entry of the list that they were in: they are read by person.
Shown = Literal["alert shown", "user shown", "alert pushed"]
_SHOWN = ("alert shown", "user shown", "alert pushed")


class Audit:
    """Writes before anything is shown or done: what cannot be logged does not happen."""

    def __init__(
        self, documents: Documents, pseudonyms: Pseudonyms | None, now_ms: Callable[[], int]
    ) -> None:
        """`pseudonyms` may be None where no act is about a user."""
        self._documents = documents
        self._pseudonyms = pseudonyms
        self._now_ms = now_ms
        self._number = count()

    def prepare(self) -> None:
        """Create what makes the log fast to search."""
        for fields in (["is_shown"], ["account"], ["action"], ["subject"], ["subject", "is_review"]):
            self._documents.ensure_index(COLLECTION, fields)

    def note(
        self, account: str, action: Act, user: str | None = None, *, is_review: bool = False, **detail: Any
    ) -> None:
        """Add that an account did something, perhaps with a user; `is_review` if it is about an alert."""
        made = self._entry(account, action, user)
        self._documents.insert(COLLECTION, {**made, "is_review": is_review, "detail": detail})

    def note_shown(self, accounts: Iterable[str], action: Shown, users: Iterable[str]) -> None:
        """Add that each of these users was shown to each of these accounts."""
        people = list(users)
        entries = [self._entry(account, action, user) for account in accounts for user in people]
        if entries:
            self._documents.upsert(COLLECTION, [{**each, "is_shown": True, "detail": {}} for each in entries])

    def find(self, where: Mapping[str, str | None], part: Part) -> Page:
        """Return a part of the log, the newest first: of an `account`, an `action`, a `user` if given.

        Who was shown to whom in a list is told where it is asked for by the user or the action.
        """
        given: dict[str, Any] = {name: value for name, value in where.items() if value is not None}
        if "user" in given:
            given["subject"] = self._of_name(given.pop("user"))
        elif given.get("action") not in _SHOWN:
            given["is_shown"] = None
        return page(self._documents, COLLECTION, given, part, descending=True)

    def reviews(self, user: str, part: Part) -> Page:
        """Return a part of what was done about the alert of a user, the newest first."""
        where = {"subject": self._of_name(user), "is_review": True}
        return page(self._documents, COLLECTION, where, part, descending=True)

    def _entry(self, account: str, action: Act, user: str | None) -> dict[str, Any]:
        subject = None if user is None else self._of_name(user)
        return dict(entry(self._now_ms(), account, action, number=next(self._number), subject=subject))

    def _of_name(self, user: str) -> str:
        if self._pseudonyms is None:
            raise ValueError("an act about a user is noted without pseudonyms")
        return self._pseudonyms.of_name(user)
