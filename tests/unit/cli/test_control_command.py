"""`catenae control`: who is asked, what is answered, and by which status it ends."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from catenae.broker import Input
from catenae.clock import SystemClock
from catenae.deployment.control_acts import Request
from catenae.deployment.control_log import ControlLog
from catenae.running.listener import Listener, Said
from topologies.wordcount import topology

NAME = "topologies.wordcount"


class Splitter:
    """Says of everything what it is given to say."""

    node, member = "splitter", "splitter-0"

    def __init__(self, said: Said) -> None:
        self._said = said

    def is_meant(self, request: Request) -> bool:
        return request.node in {"", self.node}

    def carry_out(self, request: Request, *, is_past: bool) -> Said:
        return self._said

    def refused(self, reason: str) -> None: ...

    def look(self) -> None: ...


Answering = Callable[[Said], None]


@pytest.fixture
def answering(catenae: Any) -> Iterator[Answering]:
    with ExitStack() as stack:
        catenae.broker.create_topics(topology.topic_specs())
        session = catenae.broker.join("wordcount.splitter", "splitter-0", [Input("lines")])
        stack.enter_context(closing(session))
        clock = SystemClock()

        def answer(said: Said) -> None:
            listener = Listener(ControlLog(catenae.broker, "wordcount", clock), Splitter(said), clock)
            listener.begin()
            stack.enter_context(listener)

        yield answer


@pytest.mark.lengthy
def test_each_instance_is_a_line(catenae: Any, answering: Answering) -> None:
    answering(Said(is_done=True, effect="paused until noon", figures={"standing": 1}))
    said = catenae("control", "pause", NAME, "splitter", "--for", "60")

    assert (said.exit_code, said.stdout) == (0, "splitter-0: paused until noon\n"), said.output


@pytest.mark.lengthy
def test_figures_are_columns(catenae: Any, answering: Answering) -> None:
    answering(Said(is_done=True, effect="progressing", figures={"messages_in": 1234, "handler_s": 0.5}))
    said = catenae("control", "figures", NAME)

    assert said.stdout == (
        "instance    state        messages in  handler s\nsplitter-0  progressing        1,234  0.5\n"
    ), said.output


@pytest.mark.lengthy
def test_a_stack_is_indented_below_its_thread(catenae: Any, answering: Answering) -> None:
    answering(Said(is_done=True, effect="1 thread", lines=("thread MainThread", "  loop:1 step")))
    said = catenae("control", "stack", NAME)

    assert said.stdout == "splitter-0: 1 thread\n  thread MainThread\n    loop:1 step\n"


@pytest.mark.lengthy
def test_who_does_not_do_it_ends_it_with_1(catenae: Any, answering: Answering) -> None:
    answering(Said(is_done=False, effect="not done: it came 31 s late"))
    said = catenae("control", "resume", NAME)

    assert (said.exit_code, said.stdout) == (1, "splitter-0: not done: it came 31 s late\n")


@pytest.mark.usefixtures("answering")
def test_a_dry_run_asks_nobody(catenae: Any) -> None:
    said = catenae("control", "pause", NAME, "--dry-run")

    assert (said.exit_code, said.stdout) == (
        0,
        "splitter-0: stand still after the batch in hand, for 3600 s at most, also when started anew; their "
        "messages wait\n",
    )
    assert "wordcount.control" not in catenae.broker.topics()


def test_of_how_many_it_says_who_would_be_asked(catenae: Any) -> None:
    said = catenae("control", "scale", NAME, "counter", "3", "--dry-run")

    assert said.stdout.startswith("whoever runs it: counter has 3 instances, whatever an autoscaler wants")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pause", NAME), "no instance of topology 'wordcount' runs on this broker"),
        (("pause", NAME, "spliter"), "has no node 'spliter'; did you mean 'splitter'?"),
        (("pause", NAME, "--for", "1e9"), "it may last up to 24 hours"),
        (("level", NAME, "LOUD"), "log level 'LOUD' is unknown"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    catenae: Any, arguments: tuple[str, ...], said: str
) -> None:
    assert said in catenae.refused("control", *arguments)
