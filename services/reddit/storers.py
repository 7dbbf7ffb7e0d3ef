"""What keeps posts, and what visits came to."""

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from catenae import Message
from services.reddit.records import SECONDS_BELOW, TextRow, text_record
from services.storage.document_storer import DocumentStorer


class PostStorer(DocumentStorer):
    """Keep text records, which are the same here as for the stages: `text_record` says what a text is.

    A row that holds no text of a known author is set aside.
    """

    def consume_many(self, messages: Sequence[Message[TextRow]]) -> None:
        super().consume_many([_post(each) for each in messages])


class CameTo(TypedDict):
    """What a visit came to."""

    user: Annotated[str, Meta(min_length=1)]
    visits: int
    visited_utc: Annotated[int, Meta(ge=0, lt=SECONDS_BELOW)]
    status: str
    queue: int
    new: int
    gone: int
    items: int


class VisitStorer(DocumentStorer):
    """Keep the latest visit of each user."""

    def consume_many(self, messages: Sequence[Message[CameTo]]) -> None:
        super().consume_many(messages)


def _post(message: Message) -> Message:
    record: dict[str, Any] = {**text_record(message.value)}
    if message.value.get("removed") is True:
        record["removed"] = True
    return message._replace(value=record)
