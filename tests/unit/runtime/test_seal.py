"""A control header counts on an external topic only where one of our own wrote it."""

from contextlib import closing

import pytest

from catenae import CONTROL
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.deployment.sealing import KEY_TOPIC, seal_of
from catenae.message import ERASED, Headers, Message, Record
from catenae.runtime.dead_letters import ONLY_GROUP
from catenae.runtime.decoder import Decoded, Decoder
from catenae.runtime.encoder import Encoder
from catenae.runtime.plan import Plan
from catenae.runtime.seal import SEAL, Seal

OURS = Seal(lambda: b"k" * 32)
PLAN = Plan("t", "n", "n-0", outputs={"": "out"}, external=frozenset({"in", "out"}))
STOP = f"{CONTROL}stop"


def decoded(*records: Record) -> Decoded:
    return Decoder(PLAN, Codec(), OURS).decode(records)


def record(headers: Headers, topic: str = "in", value: bytes | None = b"1") -> Record:
    return Record(topic, b"k", value, headers, 0, 7)


@pytest.mark.parametrize("name", [ONLY_GROUP, "first-id", ERASED, "dead-error", "dead-topic", STOP, SEAL])
def test_of_a_stranger_it_is_ignored_counted_and_goes_no_further(name: str) -> None:
    found = decoded(record({name: b"other.group", "own": b"1"}))

    assert [(each.value, each.headers) for each in found.messages] == [(1, {"own": b"1"})]
    assert [dict(each.headers) for each in found.records] == [{"own": b"1"}]
    assert (found.unsealed, found.dropped.total()) == (1, 0)


def test_sealed_it_counts() -> None:
    replayed = OURS.sealed(record({ONLY_GROUP: b"t.n"}))
    for_another = OURS.sealed(record({ONLY_GROUP: b"t.other"}))
    stop = OURS.sealed(record({STOP: b""}))

    found = decoded(replayed, for_another, stop)

    assert [each.is_control for each in found.messages] == [False, True]
    assert (found.unsealed, found.dropped.total()) == (0, 1)


@pytest.mark.parametrize(
    "changed",
    [
        {"value": b"2"},
        {"key": b"l"},
        {"key": None},
        {"topic": "out"},
        {"headers": {STOP: b"other", SEAL: b""}},
        {"headers": {STOP: b"", ONLY_GROUP: b"t.n", SEAL: b""}},
        {"headers": {STOP: b"", "content-type": b"text/plain", SEAL: b""}},
    ],
)
def test_a_seal_holds_for_nothing_else(changed: dict[str, object]) -> None:
    sealed = OURS.sealed(record({STOP: b""}))
    seal = sealed.headers[SEAL]
    other = sealed._replace(**changed)  # type: ignore[arg-type]  # one of its fields
    other = other._replace(headers={**other.headers, SEAL: seal})

    assert not any(each.is_control for each in decoded(other).messages)


def test_another_deployments_seal_is_none() -> None:
    theirs = Seal(lambda: b"t" * 32).sealed(record({STOP: b""}))

    assert decoded(theirs).unsealed == 1


def test_where_nobody_else_writes_it_counts_as_it_stands() -> None:
    found = decoded(record({STOP: b""}, topic="inner"), record({ONLY_GROUP: b"t.other"}, topic="inner"))

    assert [each.is_control for each in found.messages] == [True]
    assert found.dropped.total() == 1


def test_what_was_erased_stays_so_without_a_seal() -> None:
    found = decoded(Record("in", None, None, {ERASED: b""}, 0, 7))

    assert (found.messages, dict(found.dropped)) == ([], {"erased": 1})


def test_what_a_node_says_to_a_shared_topic_is_sealed_and_counts_there() -> None:
    (said,) = Encoder(PLAN, Codec(), seal=OURS).encode([Message({"a": 1}, "k", headers={STOP: b""})])

    assert [each.is_control for each in decoded(said._replace(topic="out", partition=0)).messages] == [True]


def test_the_key_is_made_once_and_the_same_for_everybody() -> None:
    with closing(open_broker("embedded:")) as broker:
        first, second = seal_of(broker), seal_of(broker)
        sealed = first.sealed(record({STOP: b""}))

        assert second.honoured(sealed) == sealed
        assert second.sealed(record({STOP: b""})) == sealed
        assert len(broker.read(KEY_TOPIC, 0, 0, 9)) == 1
