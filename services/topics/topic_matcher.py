"""The node that watches: what comes to the system anew, for the searches that go on."""

from collections.abc import Iterator, Sequence

from catenae import Clock, Documents, Message, Middle
from services.reddit.records import OddRow, TextRow, text_record
from services.topics.wanted import TOPICS, Matcher, topics_of

LOOK_EVERY_S = 1.0
_MOST = 1000


class TopicMatcher(Middle):
    """Find new texts for every watch over what the system holds. Reads text records; writes `FoundPost`.

    A text that is taken away is passed on as a `Removal` from all searches. Which searches there are is known
    for about a second at most.
    """

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock
        self._due_s = clock.monotonic_s()
        self._matchers: Sequence[Matcher] = ()

    def transform(self, message: Message[TextRow]) -> Iterator[Message]:
        try:
            record = text_record(message.value)
        except OddRow as odd:
            yield message.reject(odd.reason)
            return
        if message.value.get("removed") is True:
            gone = {"topic": "", "author": record["author"], "id": record["id"], "removed": True}
            yield message.derive(gone, key=record["author"])
            return
        for matcher in self._current():
            if matcher.finds(record):
                post = matcher.found(record, "held", language="", stated="", place="")
                if post is not None:
                    yield message.derive(post, key=record["author"])

    def _current(self) -> Sequence[Matcher]:
        if self._clock.monotonic_s() >= self._due_s:
            self._due_s = self._clock.monotonic_s() + LOOK_EVERY_S
            topics = topics_of(
                self._documents.find(TOPICS, {"will": "run", "is_watch": True}, limit=_MOST).documents
            )
            self._matchers = [Matcher(topic) for topic in topics if "held" in topic.sources]
        return self._matchers
