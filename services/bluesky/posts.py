"""Posts on their way to `texts`, and deletions, which come without the text that is to be taken away."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from catenae import Documents, Message, Middle, State, Store
from services.reddit.names import Names

_PAGE = 500


class Posts(Middle):
    """Pass text records on; turn what was deleted into the former records with `"removed": true`.

    Reads what `Jetstream` writes, and writes to port "texts". A deletion goes to port "deletions" first: read
    back with a delay, it finds the text in the documents, the only place it is kept. One that is not there
    yet goes to port "late" once, to be read with a longer delay; after that, nothing of it was ever stored.
    What is gone is remembered, by hashes: posts, so that each is taken away once, however often it is said to
    be deleted, and users who were forgotten, whose posts are dropped from then on.

    posts  collection of the text records
    """

    ports: ClassVar[tuple[str, ...]] = ("texts", "deletions", "late")

    def __init__(self, gone: State[bool], store: Store, documents: Documents, posts: str = "posts") -> None:
        self._gone = gone
        self._names = Names(store)
        self._documents = documents
        self._posts = posts

    def transform(self, message: Message) -> Iterator[Message]:
        value = message.value
        name = self._names.hash(value["author"])
        if name in self._gone:
            return
        if value.get("deleted") is not True:
            yield message.derive(value, to="texts")
        elif "looks" not in value:
            yield message.derive({**value, "looks": 0}, to="deletions")
        else:
            yield from self._taken_away(message)

    def forget(self, request: Message) -> Iterable[Message]:
        self._gone[self._names.hash(request.key)] = True
        return (request,)

    def _taken_away(self, message: Message) -> Iterator[Message]:
        value = message.value
        found = list(self._former(value))
        for record in found:
            name = self._names.hash(record["id"])
            if name not in self._gone:
                self._gone[name] = True
                yield message.derive({**record, "removed": True}, to="texts")
        if value["looks"] == 0 and (not found or "id" not in value):
            yield message.derive({**value, "looks": 1}, to="late")

    def _former(self, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Return the stored records of a post, or of all posts of an account."""
        if "id" in value:
            record = self._documents.get(self._posts, value["id"])
            if record is not None and record["author"] == value["author"]:
                yield dict(record)
            return
        cursor = None
        while True:
            page = self._documents.find(self._posts, {"author": value["author"]}, limit=_PAGE, cursor=cursor)
            yield from (dict(record) for record in page.documents)
            cursor = page.cursor
            if cursor is None:
                return
