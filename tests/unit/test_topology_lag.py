from contextlib import closing

from catenae.broker import Position, Span
from catenae.brokers import open_broker
from catenae.deployment.lag import Lag, lags, reached_in
from catenae.message import Record, TopicPartition
from topologies.wordcount import topology


def test_lag_is_what_lies_between_position_and_end_of_all_partitions() -> None:
    with closing(open_broker("embedded:")) as broker:
        broker.create_topics(topology.topic_specs())
        broker.append([Record("lines", None, b"1", partition=number % 3) for number in range(30)])
        broker.reset("wordcount.splitter", {TopicPartition("lines", 0): Position(4)})

        assert lags(broker, topology) == [
            Lag("splitter", "lines", end=30, position=4, records=26),
            Lag("counter", "words", end=0, position=0, records=0),
        ]


def test_records_gone_by_retention_do_not_lag() -> None:
    assert reached_in(Span(10, 15), None) == 10
    assert reached_in(Span(10, 15), Position(3)) == 10
    assert reached_in(Span(10, 15), Position(12)) == 12
    assert reached_in(Span(0, 0), Position(12)) == 0


class Moving:
    """A broker on which the last message moves one node downstream whenever anything is read."""

    def __init__(self) -> None:
        self._handled = 0

    def positions(self, group: str) -> dict[TopicPartition, Position]:
        self._handled += 1
        topic = {"wordcount.splitter": "lines", "wordcount.counter": "words"}[group]
        is_done = self._handled > (1 if topic == "lines" else 2)
        return {TopicPartition(topic, 0): Position(1 if is_done else 0)}

    def spans(self, topic: str) -> list[Span]:
        self._handled += 1
        return [Span(0, 1 if topic == "lines" or self._handled > 1 else 0)]


def test_a_message_on_its_way_downstream_is_never_missed() -> None:
    broker = Moving()

    assert any(each.records for each in lags(broker, topology))  # type: ignore[arg-type]
