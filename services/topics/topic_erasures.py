"""The node that takes out of counts what was erased from the files while nothing ran."""

from collections.abc import Iterator
from typing import Any

from catenae import Documents, Message, Source
from services.topics.erased import ERASED
from services.topics.values import CountChange

_AT_ONCE = 500


class TopicErasures(Source):
    """Turn what `./screening forget` has left to be taken out into `CountChange`, keyed by the search.

    Reads the documents `topic_erased` when it starts, and removes them once they are passed on. A change that
    is passed on twice, by a kill in between, counts once: `TopicCounter` knows it by its `once`.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def generate(self, position: Any) -> Iterator[Message | None]:
        number = position or 0
        while found := self._documents.find(ERASED, limit=_AT_ONCE).documents:
            for each in found:
                number += 1
                change = CountChange(facts=each["facts"], by=-1, once=each["once"])
                yield Message(change, each["topic"], position=number)
            # What was passed on is committed when this is asked for more.
            yield None
            self._documents.delete(ERASED, [each["id"] for each in found])
        while True:
            yield None
