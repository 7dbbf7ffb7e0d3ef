"""Asking on the control channel: whom it would be, who has answered, and who has not."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from catenae import Input, Node, Topology
from catenae.broker import Broker, Session
from catenae.brokers import open_broker
from catenae.deployment.control import Control
from catenae.deployment.control_acts import Answer, Figures, LogLevel, Pause, Pin, Request, Resume, Scale
from catenae.deployment.control_log import ControlLog, Requests
from catenae.errors import ConfigError, TopologyError
from catenae.operating.draining import drain
from catenae.testing import FakeClock

SPLITTER = Node("splitter", "services.examples.word_count:WordSplitter", reads="lines", writes="words")
COUNTER = Node("counter", "services.examples.word_count:WordCount", reads="words", writes="counts")
SOURCE = Node("source", "services.examples.token_filter:TextSource", writes="lines")
TOPOLOGY = Topology("words", nodes=(SOURCE, SPLITTER, COUNTER), exported=("counts",), partitions=2)


class Running:
    """Members of groups that do nothing, and `respond` in place of what they would say."""

    def __init__(self, broker: Broker, clock: FakeClock) -> None:
        self.clock = clock
        self.broker = broker
        self.control = Control(TOPOLOGY, broker, clock)
        self.log = ControlLog(broker, "words", clock)
        self.sessions: list[Session] = []
        self.asked: list[Request] = []
        self._requests = Requests(self.log)
        # Time passes only for who waits; whoever is asked answers meanwhile.
        self.respond: Callable[[Request], list[Answer]] = lambda _request: []
        clock.sleep = self._sleep  # type: ignore[method-assign]

    def join(self, node: Node, *members: str) -> None:
        inputs = node.inputs or (Input(TOPOLOGY.position_topic(node), is_read=False),)
        for each in members:
            self.sessions.append(self.broker.join(TOPOLOGY.group(node), each, inputs))

    def _sleep(self, seconds: float) -> None:
        for found in self._requests.read():
            if found.request is not None and not found.refusal:
                self.asked.append(found.request)
                for answer in self.respond(found.request):
                    self.log.answer(answer)
        for each in self.sessions:
            each.poll({}, 0.0)
        FakeClock.sleep(self.clock, seconds)


@pytest.fixture
def running() -> Iterator[Running]:
    clock = FakeClock()
    with closing(open_broker("embedded:", clock)) as broker:
        broker.create_topics(TOPOLOGY.topic_specs())
        yield Running(broker, clock)


def yes(*members: str, is_done: bool = True, standing: int = 1) -> Callable[[Request], list[Answer]]:
    def respond(request: Request) -> list[Answer]:
        return [
            Answer(request.id, each.split("-")[0], each, is_done, "yes", {"standing": standing})
            for each in members
        ]

    return respond


def test_it_is_done_when_all_have_answered_that(running: Running) -> None:
    running.join(SPLITTER, "splitter-0", "splitter-1")
    running.respond = yes("splitter-0", "splitter-1")
    answers = running.control.ask(Pause(60.0), "splitter")

    assert answers.is_done
    assert [each.instance for each in answers.given] == ["splitter-0", "splitter-1"]
    assert [each.node for each in running.asked] == ["splitter"]


def test_who_does_not_answer_in_time_is_named(running: Running) -> None:
    running.join(SPLITTER, "splitter-0", "splitter-1")
    running.respond = yes("splitter-0")
    answers = running.control.ask(Pause(60.0), "splitter")

    assert (answers.is_done, answers.silent) == (False, ["splitter-1"])


def test_who_refuses_has_not_done_it(running: Running) -> None:
    running.join(SPLITTER, "splitter-0")
    running.respond = yes("splitter-0", is_done=False)

    assert not running.control.ask(Pause(60.0), "splitter").is_done


def test_answers_to_another_question_are_not_counted(running: Running) -> None:
    running.join(SPLITTER, "splitter-0")
    running.respond = lambda request: [Answer("0", "splitter", "splitter-0", True, "yes")]

    assert running.control.ask(Resume(), "splitter").silent == ["splitter-0"]


def test_a_preview_names_who_would_be_asked_and_asks_nobody(running: Running) -> None:
    running.join(SPLITTER, "splitter-0", "splitter-1")
    running.join(COUNTER, "counter-0")
    preview = running.control.preview(Pause(60.0))

    assert preview.instances == {"splitter": ("splitter-0", "splitter-1"), "counter": ("counter-0",)}
    assert "stand still after the batch in hand, for 60 s at most" in preview.effect
    assert "words.control" not in running.broker.topics()


def test_one_instance_may_be_asked(running: Running) -> None:
    running.join(SPLITTER, "splitter-0", "splitter-1")

    assert running.control.preview(Resume(), instance="splitter-1").instances == {"splitter": ("splitter-1",)}


def test_where_nobody_runs_nothing_is_asked(running: Running) -> None:
    running.join(COUNTER, "counter-0")

    for node, instance, said in (
        ("splitter", "", "no instance of node 'splitter' runs"),
        ("", "counter-9", "did you mean 'counter-0'"),
    ):
        with pytest.raises(ConfigError, match=said):
            running.control.ask(Pause(60.0), node, instance)
    assert "words.control" not in running.broker.topics()


def test_what_is_not_declared_cannot_be_asked(running: Running) -> None:
    with pytest.raises(TopologyError, match="has no node 'spliter'"):
        running.control.preview(Pause(60.0), "spliter")


@pytest.mark.parametrize("act", [Pause(86_401), Pause(-1), Pause(float("nan")), LogLevel("DEBUG", 1e9)])
def test_nothing_lasts_for_good(running: Running, act: Pause | LogLevel) -> None:
    running.join(COUNTER, "counter-0")
    with pytest.raises(ConfigError, match="it may last up to 24 hours"):
        running.control.ask(act)


def test_how_many_instances_is_asked_of_whoever_runs_them(running: Running) -> None:
    running.respond = yes("up@host")

    assert running.control.ask(Scale(3), "counter").is_done
    with pytest.raises(ConfigError, match="name one of source, splitter, counter"):
        running.control.ask(Pin())


def test_where_no_supervisor_answers_it_is_not_done(running: Running) -> None:
    answers = running.control.ask(Scale(None), "counter")

    assert (answers.is_done, answers.given, answers.silent) == (False, [], [])


def test_drained_sources_stand_first_and_all_others_last(running: Running) -> None:
    running.join(SOURCE, "source-0")
    running.join(COUNTER, "counter-0")
    running.respond = yes("source-0", "counter-0")
    answers = drain(TOPOLOGY, running.control, running.broker, running.clock, 600.0, 30.0)

    assert answers is not None
    assert answers.is_done
    assert [each.node for each in running.asked] == ["source", ""]


def test_it_is_not_drained_while_a_source_has_a_batch_in_hand(running: Running) -> None:
    running.join(SOURCE, "source-0")
    running.respond = yes("source-0", standing=0)

    assert drain(TOPOLOGY, running.control, running.broker, running.clock, 600.0, 30.0) is None
    assert {each.node for each in running.asked} == {"source"}


def test_a_server_is_in_no_group_and_answers_all_the_same(running: Running) -> None:
    desk = Node("desk", "services.api.server:ApiServer")
    topology = replace(TOPOLOGY, nodes=(*TOPOLOGY.nodes, desk))
    control = Control(topology, running.broker, running.clock)
    running.join(COUNTER, "counter-0")
    running.respond = yes("counter-0")
    assert control.ask(Pause(60.0)).is_done

    assert control.preview(Figures(), "desk").instances == {}
    running.respond = yes("desk-0")
    assert control.ask(Figures(), "desk").is_done
