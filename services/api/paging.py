"""Lists in parts: the query every list takes, and a cursor that is not ours told as the client's mistake."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from catenae import CatenaeError, Document, Documents, Page, TransientError
from services.api.problems import Problem

AT_ONCE = 1000


class Part(BaseModel):
    """Which part of a list is wanted."""

    model_config = ConfigDict(extra="ignore")

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=2000)


Wanted = Annotated[Part, Query()]


def page(  # noqa: PLR0913  what `find` takes
    documents: Documents,
    collection: str,
    where: Mapping[str, Any],
    part: Part,
    *,
    sort: str = "id",
    descending: bool = False,
    fields: Sequence[str] | None = None,
) -> Page:
    """Return a part of a list; raise Problem for a cursor that belongs to another list."""
    try:
        return documents.find(
            collection,
            where,
            sort=sort,
            descending=descending,
            limit=part.limit,
            cursor=part.cursor,
            fields=fields,
        )
    except TransientError:
        raise
    except CatenaeError as error:
        if part.cursor is None:
            raise
        raise Problem(422, "The cursor does not belong to this list; begin without one.") from error


def every(
    documents: Documents,
    collection: str,
    where: Mapping[str, Any] | None = None,
    *,
    sort: str = "id",
    fields: Sequence[str] | None = None,
    at_once: int = AT_ONCE,
) -> Iterator[Document]:
    """Yield all documents of a list, so many at a time."""
    cursor = None
    while True:
        found = documents.find(collection, where, sort=sort, limit=at_once, cursor=cursor, fields=fields)
        yield from found.documents
        cursor = found.cursor
        if cursor is None:
            return
