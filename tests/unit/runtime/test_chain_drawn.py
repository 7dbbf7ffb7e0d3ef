"""A chain of two processes, to which anything happens, beside the same nodes apart, to which nothing does."""

from contextlib import closing
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from catenae import Message
from tests.unit.runtime.chained import FATE, NAME, World, die, fail

KEYS = st.sampled_from("abcde")
WORDS = st.sampled_from(["x", "y", "poison", "bad"])
CALLS = st.integers(0, 12)
SLOTS = st.integers(0, 1)
EVENTS = st.one_of(
    st.tuples(st.just("put"), st.lists(st.tuples(KEYS, WORDS), max_size=8)),
    st.tuples(st.just("step"), SLOTS),
    st.tuples(st.just("kill"), CALLS),
    st.tuples(st.just("write"), CALLS),
    st.tuples(st.just("fail"), KEYS),
    st.tuples(st.just("lose_store"), CALLS),
    st.tuples(st.just("stop"), SLOTS),
    st.tuples(st.just("begin"), SLOTS),
    st.tuples(st.just("change"), st.none()),
    st.tuples(st.just("rest"), st.none()),
    st.tuples(st.just("forget"), KEYS),
)


class Course:
    """What happens, one after the other."""

    def __init__(self, chained: World, apart: World) -> None:
        self._chained = chained
        self._apart = apart
        self._written = 0

    def put(self, pairs: list[tuple[str, str]]) -> None:
        for world in (self._chained, self._apart):
            world.put("texts", [Message(word, key) for key, word in pairs])

    def step(self, slot: int) -> None:
        """Have one process do a step, if it runs."""
        if f"{NAME}-{slot}" in self._chained.running:
            self._chained.step(f"{NAME}-{slot}")

    def kill(self, calls: int) -> None:
        """Have whichever process comes so many calls from now be killed."""
        FATE.ahead += [*[None] * calls, die]

    def write(self, calls: int) -> None:
        """Have somebody write to an inner topic in the midst of a step."""
        FATE.ahead += [*[None] * calls, self._intrude]

    def lose_store(self, calls: int) -> None:
        """Have the store not answer once, so many calls from now."""
        FATE.ahead += [*[None] * calls, fail]

    def fail(self, key: str) -> None:
        FATE.failures[key] = 2

    def stop(self, slot: int) -> None:
        self._chained.stop_process(slot)

    def begin(self, slot: int) -> None:
        if self._chained.is_chained:
            self._chained.start_process(slot)

    def change(self, _: None) -> None:
        """Cut the chain, or make it."""
        self._chained.change()

    def rest(self, _: None = None, for_s: float = 40.0) -> None:
        """Let all be done that there is to do, and time pass."""
        if not self._chained.running:
            self._chained.start_process(0)
        self._chained.run()
        # What is written once time passes would be in another order with what time brings.
        FATE.ahead = [each if each in (die, fail) else None for each in FATE.ahead]
        self._chained.run(for_s)
        FATE.clear()
        self._apart.run(for_s)

    def forget(self, key: str) -> None:
        self.rest(for_s=0.0)
        for world in (self._chained, self._apart):
            world.forget_key(key)
        self.rest(for_s=0.0)

    def _intrude(self) -> None:
        # By a key of its own: among messages of one key, what comes first would be chance.
        self._written += 1
        for world in (self._chained, self._apart):
            said = {"word": str(self._written), "half": 0}
            world.put("words", [Message(said, f"other{self._written % 3}")])


@pytest.mark.lengthy
@given(st.lists(EVENTS, max_size=25))
def test_whatever_happens_to_a_chain_it_comes_to_what_its_nodes_come_to(
    events: list[tuple[str, Any]],
) -> None:
    FATE.clear()
    with closing(World(processes=2)) as chained, closing(World(is_chained=False)) as apart:
        course = Course(chained, apart)
        for name, what in events:
            getattr(course, name)(what)
        course.rest()

        assert chained.told() == apart.told()
        assert chained.state() == apart.state()
