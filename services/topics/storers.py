"""What keeps the posts of searches, and what they come to."""

from collections.abc import Sequence

from catenae import Message
from services.storage.document_storer import DocumentStorer
from services.topics.values import CountPart


class TopicPostStorer(DocumentStorer):
    """Keep `TopicPost`; one that is gone is taken away."""


class CountStorer(DocumentStorer):
    """Keep `CountPart`."""

    def consume_many(self, messages: Sequence[Message[CountPart]]) -> None:
        super().consume_many(messages)
