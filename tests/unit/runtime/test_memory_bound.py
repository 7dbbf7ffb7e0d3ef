"""Large messages take a bounded memory, however many of them wait."""

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from catenae.broker import Input, TopicSpec
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.message import Message, Record
from catenae.microservice import Middle
from catenae.observability.metrics import NodeMetrics
from catenae.runtime.handler import Handler
from catenae.runtime.history import History
from catenae.runtime.loop import Loop, Step
from catenae.runtime.node_state import NodeState
from catenae.runtime.plan import Plan
from catenae.stores import open_store
from catenae.testing import FakeClock

MESSAGES = 15
MESSAGE_BYTES = 5_000_000
# By these the loop finds out that it may take a thousand at a time.
SMALL_MESSAGES = 2000
MOST_BYTES = 60_000_000
PLAN = Plan("demo", "pass", "pass-0", (Input("in"),), {"": "out"})
CODEC = Codec()


class Pass(Middle):
    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.value)


@pytest.mark.lengthy
def test_large_messages_pass_a_few_at_a_time(tmp_path: Path) -> None:
    clock = FakeClock()
    broker = open_broker(f"embedded:{tmp_path}?map_size_mb=512", clock)
    broker.create_topics([TopicSpec("in", 1), TopicSpec("out", 1)])
    small, headers = CODEC.encode("in", b"small")
    broker.append([Record("in", None, small, headers)] * SMALL_MESSAGES)
    large, headers = CODEC.encode("in", os.urandom(MESSAGE_BYTES))
    for _ in range(MESSAGES):
        broker.append([Record("in", None, large, headers)])
    state = NodeState(open_store("embedded:"), "demo.pass", {}, History(broker, PLAN), clock)
    loop = Loop(
        PLAN,
        broker.join(PLAN.group, PLAN.instance, PLAN.inputs),
        Handler(Pass(), PLAN, CODEC, [], clock),
        state,
        NodeMetrics("demo", "pass", CollectorRegistry()),
        clock,
    )

    tracemalloc.start()
    while loop.step(0.0) is Step.MOVED:
        pass
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    loop.close()
    passed = broker.spans("out")[0].end
    broker.close()

    assert (passed, peak_bytes < MOST_BYTES) == (SMALL_MESSAGES + MESSAGES, True)
