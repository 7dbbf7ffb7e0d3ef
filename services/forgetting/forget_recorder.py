"""The end of a request to forget: it is done once nothing is left to look at."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from catenae import Documents, Message, Middle
from services.api.audit_entry import COLLECTION as AUDIT
from services.api.audit_entry import COMMAND_LINE, entry
from services.forgetting.forget_requests import COLLECTION
from services.forgetting.request import is_request

# Where documents of a user are, and the field that names the user.
PERSONAL: Mapping[str, str] = {
    "posts": "author",
    "probabilities": "user",
    "users": "user",
    "alerts": "user",
    "reviews": "user",
    "visits": "user",
}


# What a classifier that runs beside others keeps, in collections that begin with its name.
BESIDE = ("probabilities", "users", "alerts")
FORGOTTEN = "forgotten"


def personal(beside: Iterable[str] = ()) -> Mapping[str, str]:
    """Return where documents of a user are, and the field that names the user.

    beside  names of classifiers that run beside others
    """
    return {**PERSONAL, **{f"{name}_{kept}": "user" for name in beside for kept in BESIDE}}


def beside_in(collections: Iterable[str]) -> set[str]:
    """Return the names of classifiers beside others whose documents these collections hold."""
    parted = (each.rpartition("_") for each in collections)
    return {name for name, _, kept in parted if name and kept in BESIDE}


class ForgetRecorder(Middle):
    """Note that a request was carried out, in the audit log too. Reads what ends the longest way through.

    While a storer has yet to remove a document of the user, the request comes round again by way of what is
    written; others are left alone.

    clock   seconds since 1970
    beside  names of classifiers that run beside the screening
    """

    def __init__(
        self,
        documents: Documents,
        clock: Callable[[], float] = time.time,
        beside: Sequence[str] = (),
    ) -> None:
        self._documents = documents
        self._personal = personal(beside)
        self._clock = clock

    def transform(self, message: Message) -> Iterator[Message]:
        if not is_request(message):
            return
        user = message.value["user"]
        if any(self._documents.count(name, {field: user}) for name, field in self._personal.items()):
            yield message.derive(message.value)
            return
        self._note(user, int(self._clock() * 1000))

    def _note(self, user: str, at_ms: int) -> None:
        """Note in the audit log that a request was carried out, then in the request, where there is one."""
        asked = self._documents.get(COLLECTION, user)
        if asked is None or asked.get("status") == "done":
            return
        by = str(asked.get("requested_by") or COMMAND_LINE)
        self._documents.insert(AUDIT, entry(at_ms, by, FORGOTTEN, subject=asked.get("subject")))
        done = {"id": user, "status": "done", "done_ms": at_ms, "is_named": True}
        self._documents.merge(COLLECTION, [done], create=False)
