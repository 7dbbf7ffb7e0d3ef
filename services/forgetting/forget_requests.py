"""Requests to forget, from the documents where people make them into the topology."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from catenae import Between, Documents, Message, Source, Store
from services.forgetting.request import request
from services.forgetting.silence import ids, silent
from services.reddit.names import Names

COLLECTION = "forget_requests"
EVERY_S = 1.0
SILENCE_EVERY_S = 600.0
# Who asks for that, in the audit log.
RETENTION = "retention"
# The document of a request is the last thing to name a user, for who asked to see that it was done.
NAMED_FOR_S = 24 * 3600.0
_PAGE = 1000


class ForgetRequests(Source):
    """Turn what is requested into records to forget. Reads documents `{"id": user, "status": "requested"}`.

    A request that is not "done" when the node starts is passed on again: to forget twice does no harm. A day
    after it was done, the user's name in it is replaced by a hash.

    ends         whether to be exhausted once every open request was passed on, for runs that come to an end
    silent_days  who has written nothing for so long is forgotten, until they write again; 0 for nobody
    clock        seconds since 1970
    """

    def __init__(
        self,
        documents: Documents,
        store: Store,
        ends: bool = False,  # noqa: FBT001, FBT002  options are given by name
        silent_days: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._documents = documents
        self._ends = ends
        self._silent_days = silent_days
        self._names = Names(store)
        self._clock = clock

    def setup(self) -> None:
        for fields in (["status"], ["is_named", "done_ms"]):
            self._documents.ensure_index(COLLECTION, fields)

    def generate(self, position: Any) -> Iterator[Message | None]:
        passed: set[tuple[str, int]] = set()
        number = position or 0
        due_s = silence_due_s = self._clock()
        while True:
            if self._silent_days > 0 and self._clock() >= silence_due_s:
                silence_due_s = self._clock() + SILENCE_EVERY_S
                self._ask_for_the_silent()
            if self._clock() >= due_s:
                due_s = self._clock() + EVERY_S
                for user, at_ms, is_silent in self._open():
                    if (user, at_ms) not in passed:
                        passed.add((user, at_ms))
                        number += 1
                        yield request(user, number, is_silent=is_silent)
                self._unname()
            if self._ends:
                return
            yield None

    def _ask_for_the_silent(self) -> None:
        """Make a request of everybody who has been silent for so long, and of whom there is none."""
        now_s = self._clock()
        asked = {"status": "requested", "requested_ms": int(now_s * 1000), "requested_by": RETENTION}
        for user in silent(self._documents, self._silent_days, now_s):
            self._documents.insert(COLLECTION, {"id": user, **asked, "is_silent": True})

    def _open(self) -> list[tuple[str, int, bool]]:
        """Return every request that is not done, page by page."""
        found: list[tuple[str, int, bool]] = []
        cursor = None
        while True:
            page = self._documents.find(COLLECTION, {"status": "requested"}, limit=_PAGE, cursor=cursor)
            found += [
                (each["id"], each.get("requested_ms", 0), each.get("is_silent") is True)
                for each in page.documents
            ]
            cursor = page.cursor
            if cursor is None:
                return found

    def _unname(self) -> None:
        before_ms = (self._clock() - NAMED_FOR_S) * 1000
        long_done = {"is_named": True, "done_ms": Between(below=before_ms)}
        for each in self._documents.find(COLLECTION, long_done).documents:
            unnamed = {**each, "id": self._names.hash(each["id"]), "is_named": False}
            self._documents.upsert(COLLECTION, [unnamed])
            self._documents.delete(COLLECTION, [each["id"]])


def forgotten_for_silence(documents: Documents) -> Iterator[str]:
    """Yield whom a running topology has forgotten for having been silent, while the request names them."""
    yield from ids(documents, COLLECTION, {"is_silent": True, "is_named": True})
