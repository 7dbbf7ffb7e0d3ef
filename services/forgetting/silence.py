"""Who has been silent: people of whom there is a picture, and who have written nothing for so long."""

from collections.abc import Iterator, Mapping
from typing import Any

from catenae import Between, Documents

USERS = "users"
LAST = "last_utc"
DAY_S = 24 * 3600.0
_PAGE = 1000


def silent(documents: Documents, days: float, now_s: float) -> Iterator[str]:
    """Yield the users whose latest post is older than so many days, by the posts' own times."""
    yield from ids(documents, USERS, {LAST: Between(below=now_s - days * DAY_S)})


def ids(documents: Documents, collection: str, where: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ids of documents, page by page."""
    cursor = None
    while True:
        page = documents.find(collection, where, limit=_PAGE, cursor=cursor, fields=["id"])
        yield from (each["id"] for each in page.documents)
        cursor = page.cursor
        if cursor is None:
            return
