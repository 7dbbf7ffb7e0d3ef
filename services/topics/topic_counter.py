"""The node that counts: what the posts of each search come to."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from catenae import Message, Middle, State
from services.topics.tally import Counts, Facts, add, bucket, facts_of
from services.topics.values import CountPart


class TopicCounter(Middle):
    """Count posts by class, hour, place, language, source, word and hashtag.

    Reads `CountChange`, keyed by the search; writes a `CountPart` for each part that has changed.

    counts  of a search, by part
    taken   changes that count once, by search and what they are told by
    """

    def __init__(self, counts: State[dict[str, Counts]], taken: State[bool]) -> None:
        self._counts = counts
        self._taken = taken

    def transform_many(self, messages: Sequence[Message]) -> Iterator[Message]:
        by_topic: defaultdict[str, list[Message]] = defaultdict(list)
        for message in messages:
            if self._is_new(message):
                by_topic[message.key].append(message)
        for topic, changes in by_topic.items():
            yield from self._count(topic, changes)

    def _is_new(self, message: Message) -> bool:
        once = message.value.get("once")
        if once is None:
            return True
        if self._taken.get((message.key, once)):
            return False
        self._taken[message.key, once] = True
        return True

    def _count(self, topic: str, changes: Sequence[Message]) -> Iterator[Message]:
        parts: dict[str, dict[str, Counts]] = {}
        for message in changes:
            facts: Facts = facts_of(message.value["facts"])
            for dimension, value in facts.values():
                name = bucket(dimension, value)
                if name not in parts:
                    parts[name] = dict(self._counts.get((topic, name)) or {})
                add(parts[name], value, facts.label, message.value["by"])
        for name, counts in parts.items():
            self._counts[topic, name] = counts
            rows = [[value, *of_value] for value, of_value in sorted(counts.items())]
            yield changes[-1].derive(
                CountPart(id=f"{topic} {name}", topic=topic, part=name, rows=rows), key=topic
            )
