"""What a node has handled before, read once more from the topics."""

from collections.abc import Collection, Iterator, Mapping
from heapq import merge
from typing import NamedTuple

from catenae.broker import Broker, Position, Span
from catenae.errors import UnknownTopic
from catenae.message import Record, TopicPartition
from catenae.runtime.dead_letters import ERROR, GROUP, ORIGIN, dead_topic
from catenae.runtime.plan import Plan

READ_RECORDS = 1000


def grown_group(topology: str) -> str:
    """Return the group that no node is, whose positions say where topics ended when they got more partitions.

    What is before was written when keys had other partitions, and what a node had yet to handle of it has
    been written once more: it is not read again.
    """
    return f"{topology}.grown.ends"


class Passage(NamedTuple):
    """Some records of one partition number, and what is left after them by topic."""

    records: list[Record]
    rest: dict[str, Span]


class History:
    """Reads the inputs of one node for no group."""

    def __init__(self, broker: Broker, plan: Plan) -> None:
        self._broker = broker
        self._grown = grown_group(plan.topology)
        self._groups = plan.group_names
        self._delays_ms = {each.topic: round(each.delay_s * 1000) for each in plan.inputs}

    def oldest(self, topic: str, number: int) -> int:
        """Return the offset of the oldest record of a partition that is still kept, and may be read again."""
        grown = self._broker.positions(self._grown).get(TopicPartition(topic, number), Position(0))
        return max(self._broker.spans(topic)[number].start, grown.offset)

    def read(self, number: int, spans: Mapping[str, Span], max_records: int) -> Passage:
        """Return the first records of several topics' spans, in the order in which they became due.

        The group has passed all of the spans. Nothing is left once each was read to its end.
        """
        found = {topic: self._span(topic, number, span, max_records) for topic, span in spans.items()}
        due = merge(*found.values(), key=lambda each: each.timestamp_ms + self._delays_ms[each.topic])
        records = [record for _, record in zip(range(max_records), due, strict=False)]
        rest = {}
        for topic, span in spans.items():
            taken = sum(1 for each in records if each.topic == topic)
            if found[topic]:
                rest[topic] = Span(found[topic][taken - 1].offset + 1 if taken else span.start, span.end)
        return Passage(records, {topic: span for topic, span in rest.items() if span.start < span.end})

    def failures(self) -> Collection[str]:
        """Return the ids of messages that the node could not handle, as far as their dead letters are kept.

        What its handler rejected is not among them: such a message was handled.
        """
        return {
            record.headers.get(ORIGIN, b"").decode(errors="replace")
            for topic in map(dead_topic, self._delays_ms)
            for record in self._all(topic)
            if ERROR in record.headers and record.headers.get(GROUP) in self._groups
        }

    def _span(self, topic: str, number: int, span: Span, max_records: int) -> list[Record]:
        records = self._broker.read(topic, number, span.start, max_records)
        return [each for each in records if each.offset < span.end]

    def _all(self, topic: str) -> Iterator[Record]:
        try:
            spans = self._broker.spans(topic)
        except UnknownTopic:
            return
        for number, span in enumerate(spans):
            start = span.start
            while some := self._broker.read(topic, number, start, READ_RECORDS):
                yield from some
                start = some[-1].offset + 1
