"""Words looked for in what one person has written, without regard to case and accents."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from catenae import Document, Documents, Page
from services.api.paging import Part, page

# Texts are read so many at a time, and so many at most for one answer: the next one goes on from there.
AT_ONCE = 200
MOST_READ = 4000


def search(
    documents: Documents,
    collection: str,
    where: Mapping[str, Any],
    part: Part,
    text: str,
    *,
    descending: bool,
) -> Page:
    """Return the ids of posts that hold a text, in order of time.

    A part may hold none although there is a next one; and more than its limit, since nothing is read twice.
    """
    wanted, found, cursor = in_one_form(text), list[Document](), part.cursor
    for _ in range(MOST_READ // AT_ONCE):
        read = page(
            documents,
            collection,
            where,
            Part(limit=AT_ONCE, cursor=cursor),
            sort="created_utc",
            descending=descending,
            fields=["id", "title", "body"],
        )
        found += [{"id": each["id"]} for each in read.documents if wanted in _written(each)]
        cursor = read.cursor
        if cursor is None or len(found) >= part.limit:
            break
    return Page(found, cursor)


def in_one_form(text: str) -> str:
    """Return a text as it is compared: small letters, no accents, one space between words."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())


def _written(post: Document) -> str:
    return in_one_form("\n".join(str(post.get(field) or "") for field in ("title", "body")))
