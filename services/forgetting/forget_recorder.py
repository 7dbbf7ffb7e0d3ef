"""The end of a request to forget: it is done once nothing is left to look at."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar

from catenae import Documents, Message, Middle
from services.api.audit_entry import COLLECTION as AUDIT
from services.api.audit_entry import COMMAND_LINE, entry
from services.forgetting.forget_requests import COLLECTION
from services.screenings import collection_of

# Where documents of a user are, and the field that names the user.
PERSONAL: Mapping[str, str] = {
    "posts": "author",
    "probabilities": "user",
    "users": "user",
    "alerts": "user",
    "reviews": "user",
    "visits": "user",
    "topic_posts": "author",
}

FORGOTTEN = "forgotten"


class ForgetRecorder(Middle):
    """Note that a request was carried out, in the audit log too. Reads what ends the longest way through.

    While a storer has yet to remove a document of the user, the request comes round again by port "again";
    all other messages are left alone.

    beside  the names of other screenings of the same texts, which forget by themselves
    clock   seconds since 1970
    """

    ports: ClassVar[tuple[str, ...]] = ("again",)

    def __init__(
        self,
        documents: Documents,
        beside: Sequence[str] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._documents = documents
        self._personal = {
            collection_of(screening, name): field
            for screening in ("", *beside)
            for name, field in PERSONAL.items()
        }
        self._clock = clock

    def transform(self, message: Message) -> Iterable[Message]:  # noqa: ARG002  what it says is others' concern
        return ()

    def forget(self, request: Message) -> Iterator[Message]:
        user = request.key
        if any(self._documents.count(name, {field: user}) for name, field in self._personal.items()):
            yield request.derive(request.value, to="again")
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
