from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from catenae.broker import Input
from catenae.clock import Clock
from catenae.codec import Codec, encode_key
from catenae.errors import StoreUnavailable
from catenae.message import ERASED, Message, Record
from catenae.microservice import Middle
from catenae.runtime import dead_letters
from catenae.runtime.handler import Handler, HandlerFailed
from catenae.runtime.outcome import Outcome
from catenae.runtime.plan import Plan
from catenae.runtime.state import FencedState
from catenae.stores.memory import MemoryStore
from catenae.testing import FakeClock

PLAN = Plan("demo", "double", "double-0", (Input("numbers"),), {"": "doubled"})
CODEC = Codec()


class Double(Middle):
    """Double a number; text fails, -1 is rejected, and first of all what `trouble` holds is raised."""

    def __init__(self, *trouble: Exception) -> None:
        self.trouble = list(trouble)
        self.calls = 0

    def transform(self, message: Message) -> Iterator[Message]:
        self.calls += 1
        if self.trouble:
            raise self.trouble.pop(0)
        if message.value == -1:
            yield message.reject("negative")
        else:
            yield message.derive(2 * message.value + 0)


def numbers(*values: object, key: str | None = None) -> list[Record]:
    encoded = (CODEC.encode("numbers", value) for value in values)
    return [
        Record("numbers", encode_key(key), data, headers, 0, offset)
        for offset, (data, headers) in enumerate(encoded)
    ]


def handle(service: Middle, records: list[Record], plan: Plan = PLAN, clock: Clock | None = None) -> Outcome:
    handler = Handler(service, plan, CODEC, [], clock or FakeClock())
    try:
        return handler.handle(records)
    finally:
        handler.close()


def doubled(outcome: Outcome) -> list[object]:
    return [CODEC.decode(each) for each in outcome.outputs if each.topic == "doubled"]


def dead(outcome: Outcome) -> list[Record]:
    return [each for each in outcome.outputs if each.topic == "numbers.dead"]


def test_a_batch_is_handed_over_and_its_outputs_keep_their_order() -> None:
    assert doubled(handle(Double(), numbers(1, 2, 3))) == [2, 4, 6]


def test_one_bad_message_is_set_aside_and_the_others_go_on() -> None:
    outcome = handle(Double(), numbers(1, "two", 3))

    assert doubled(outcome) == [2, 6]
    [letter] = dead(outcome)
    assert CODEC.decode(letter) == "two"
    assert letter.headers[dead_letters.ORIGIN] == b"numbers[0]@1"
    assert outcome.dead == {"TypeError": 1}


def test_a_rejected_message_is_set_aside_with_its_reason() -> None:
    outcome = handle(Double(), numbers(1, -1, 3))

    assert doubled(outcome) == [2, 6]
    assert outcome.dead == {"negative": 1}
    assert dead(outcome)[0].headers[dead_letters.REASON] == b"negative"


class Together(Middle):
    """Return how many numbers came together; none of them may be a text."""

    def transform_many(self, messages: Sequence[Message]) -> Iterator[Message]:
        yield messages[-1].derive([len(messages), sum(each.value for each in messages)])


def of_partitions(*values: object) -> list[Record]:
    return [each._replace(partition=place % 3) for place, each in enumerate(numbers(*values))]


def test_messages_of_all_partitions_come_together_where_no_state_tells_them_apart() -> None:
    assert doubled(handle(Together(), of_partitions(1, 2, 3))) == [[3, 6]]


def test_messages_of_two_topics_come_apart() -> None:
    records = [*numbers(1, 2), *(each._replace(topic="others") for each in numbers(3))]

    assert doubled(handle(Together(), records)) == [[2, 3], [1, 3]]


def test_where_one_of_them_is_to_blame_the_other_partitions_are_handled_by_themselves() -> None:
    outcome = handle(Together(), of_partitions(1, "two", 3))

    assert doubled(outcome) == [[1, 1], [1, 3]]
    assert [each.headers[dead_letters.ORIGIN] for each in dead(outcome)] == [b"numbers[1]@1"]


def test_messages_of_a_node_with_state_come_by_partition() -> None:
    state: FencedState[int] = FencedState(MemoryStore(), "s")
    handler = Handler(Together(), PLAN, CODEC, [state], FakeClock())

    assert doubled(handler.handle(of_partitions(1, 2, 3))) == [[1, 1], [1, 2], [1, 3]]


class Refuse(Middle):
    """Reject what is made of a message in its place; with half of a surrogate pair in the reason."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive({"why": 1}).reject("no number \ud83d") if message.value < 0 else message


def test_what_was_derived_may_be_rejected_in_place_of_its_message() -> None:
    outcome = handle(Refuse(), numbers(1, -1, 3))

    [letter] = dead(outcome)
    assert (CODEC.decode(letter), letter.headers[dead_letters.ORIGIN]) == (-1, b"numbers[0]@1")
    assert outcome.dead == {"no number \\ud83d": 1}
    assert len(doubled(outcome)) == 2


@pytest.mark.parametrize("returned", [{"value": 1}, None, "text"])
def test_what_is_no_message_is_told_with_what_to_return(returned: Any) -> None:
    class Confused(Middle):
        def transform(self, message: Message) -> Iterator[Message]:
            yield returned

    [letter] = dead(handle(Confused(), numbers(1)))
    error = letter.headers[dead_letters.ERROR].decode()
    assert f"node 'double' returned {type(returned).__name__!r}" in error
    assert "Yield message.derive(value)" in error


def test_a_message_set_aside_is_logged_with_its_lines_of_code_and_no_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    handle(Double(ValueError("ann is sad")), numbers(1))

    [line] = caplog.records
    assert vars(line)["error"] == "ValueError"
    assert vars(line)["traceback"].endswith("transform")
    assert "sad" not in str(vars(line))


def test_text_in_headers_arrives_as_bytes() -> None:
    class Label(Middle):
        def transform(self, message: Message) -> Iterator[Message]:
            yield Message(1, headers={"h": "héllo"})  # type: ignore[dict-item]  # as authors do

    [record] = handle(Label(), numbers(1)).outputs
    assert record.headers["h"] == "héllo".encode()


def test_bytes_that_cannot_be_decoded_are_set_aside_as_they_came() -> None:
    broken = Record("numbers", b"k", b"\xc1", {"content-type": b"application/msgpack"}, 0, 7)
    outcome = handle(Double(), [broken])

    assert (dead(outcome)[0].value, dead(outcome)[0].key) == (b"\xc1", b"k")


def test_a_bug_is_not_retried() -> None:
    service = Double(ValueError())
    outcome = handle(service, numbers(1))

    assert (service.calls, outcome.dead) == (1, {"ValueError": 1})


def test_a_store_that_is_away_is_nobodys_fault() -> None:
    with pytest.raises(StoreUnavailable):
        handle(Double(StoreUnavailable("away")), numbers(1, 2))


def test_a_node_may_stop_instead() -> None:
    with pytest.raises(HandlerFailed, match=r"cannot handle message numbers\[0\]@1"):
        handle(Double(), numbers(1, "two"), replace(PLAN, on_error="stop"))


def test_an_unknown_port_is_named() -> None:
    class Lost(Middle):
        def transform(self, message: Message) -> Iterator[Message]:
            yield message.derive(1, to="nowhere")

    outcome = handle(Lost(), numbers(1))
    assert b"its ports are" in dead(outcome)[0].headers[dead_letters.ERROR]


def test_a_replayed_message_is_for_the_group_that_failed_only() -> None:
    outcome = handle(Double(), numbers("two"))
    revived = dead_letters.revived(dead(outcome)[0])
    assert revived is not None
    again = revived._replace(partition=0, offset=9)

    assert dead(handle(Double(), [again]))[0].headers[dead_letters.ORIGIN] == b"numbers[0]@9"
    assert handle(Double(), [again]).dead == {"TypeError": 1}
    other = handle(Double(), [again], replace(PLAN, node="other"))
    assert (other.outputs, other.dropped) == ([], {"replayed for another node": 1})


def test_a_message_keeps_its_id_however_often_it_is_replayed() -> None:
    seen: list[str] = []

    class Remember(Middle):
        def transform(self, message: Message) -> Iterator[Message]:
            seen.append(message.id)
            raise ValueError

    record = numbers("two")[0]._replace(partition=2, offset=5)
    for offset in (5, 9, 11):
        revived = dead_letters.revived(dead(handle(Remember(), [record]))[0])
        assert revived is not None
        record = revived._replace(partition=0, offset=offset)

    assert seen == ["numbers[2]@5"] * 3


def test_a_first_id_that_a_stranger_wrote_is_not_believed() -> None:
    seen: list[str] = []

    class Remember(Middle):
        def transform(self, message: Message) -> Iterator[Message]:
            seen.append(message.id)
            yield message

    handle(Remember(), [numbers(1)[0]._replace(headers={dead_letters.FIRST_ID: b"numbers[0]@7"})])

    assert seen == ["numbers[0]@0"]


def test_threads_keep_the_order_of_outputs_and_of_each_key() -> None:
    seen: list[tuple[Any, int]] = []

    class Watch(Middle):
        def transform(self, message: Message) -> Iterator[Message]:
            seen.append((message.key, message.value))
            yield message.derive(message.value)

    records = [r._replace(key=str(i % 3).encode()) for i, r in enumerate(numbers(*range(60)))]
    outcome = handle(Watch(), records, replace(PLAN, concurrency=8))

    assert doubled(outcome) == list(range(60))
    for key in "012":
        mine = [value for its_key, value in seen if its_key == key]
        assert mine == sorted(mine)


def test_a_traced_message_carries_one_id_through_all_that_comes_of_it() -> None:
    plan = replace(PLAN, is_traced=True)
    [first] = handle(Double(), numbers(1), plan).outputs
    [second] = handle(Double(), [first._replace(partition=3, offset=8)], plan).outputs

    assert first.headers["trace"] == second.headers["trace"]
    assert first.headers["trace"] == handle(Double(), numbers(1), plan).outputs[0].headers["trace"]


def test_what_was_erased_is_dropped_and_counted() -> None:
    erased = Record("numbers", None, None, {ERASED: b""}, 0, 1)

    outcome = handle(Double(), [*numbers(1), erased, *numbers(3)])

    assert (doubled(outcome), outcome.dropped) == ([2, 6], {"erased": 1})


class Forgetful(Middle):
    """Returns nothing at all, as a transform does that has no yield."""

    def transform(self, message: Message) -> Any:
        """Return None."""


def test_a_transform_that_forgets_to_return_is_told_what_to_write() -> None:
    with pytest.raises(TypeError, match=r"transform of Forgetful returned None; yield what comes of"):
        list(Forgetful().transform_many([Message(1)]))

    assert handle(Forgetful(), numbers(1, 2)).dead == {"TypeError": 2}
