"""A key erased from the files of one machine."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catenae.broker import Input, Position, TopicSpec
from catenae.brokers import open_broker
from catenae.brokers.embedded import EmbeddedBroker
from catenae.codec import Codec
from catenae.codec.packing import pack, unpack
from catenae.config import Settings
from catenae.deployment.data_folder import DataFolder
from catenae.deployment.places import note_places
from catenae.deployment.reading import read_spans
from catenae.deployment.spellings import spellings
from catenae.errors import BrokerError, DataFolderError
from catenae.lmdb.rebuild import is_open
from catenae.message import ERASED, Record, TopicPartition
from catenae.operating import erasing
from catenae.operating.erasing import FEW, erase, find_traces
from catenae.runtime.history import History
from catenae.runtime.journal import JournalEntry
from catenae.runtime.node_state import NodeState
from catenae.runtime.plan import Plan
from catenae.runtime.state import FencedState
from catenae.stores import open_documents, open_store
from catenae.stores.memory import MemoryStore
from catenae.testing import FakeClock
from tests.patience import until

ANN = "ann_of_green_gables"
BOB = "bob_the_builder"
SERVER = "kafka://broker:9092"
FIELDS = {"posts": "author"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return Settings(data=tmp_path / "data")


@pytest.fixture
def broker(settings: Settings) -> Iterator[EmbeddedBroker]:
    with closing(EmbeddedBroker(settings.broker.removeprefix("embedded:"))) as opened:
        opened.create_topics([TopicSpec("texts", 2), TopicSpec("texts.dead", 2)])
        yield opened


def record(value: Any, key: str | None, topic: str = "texts", partition: int = 0) -> Record:
    packed, headers = Codec().encode(topic, value)
    return Record(topic, None if key is None else key.encode(), packed, headers, partition)


def held(settings: Settings, topic: str = "texts") -> list[Record]:
    with closing(open_broker(settings.broker)) as broker:
        return list(read_spans(broker, topic, broker.spans(topic)))


def test_records_of_the_key_are_emptied_and_all_others_keep_their_offsets(
    settings: Settings, broker: EmbeddedBroker
) -> None:
    broker.append([record(text, key) for text, key in (("hers", ANN), ("his", BOB), ("hers too", ANN))])
    before = broker.read("texts", 0, 0, 10)
    broker.close()

    assert erase({ANN}, settings, FIELDS).records == 2
    after = held(settings)
    assert after[1] == before[1]
    assert [(each.key, each.value, list(each.headers)) for each in (after[0], after[2])] == [
        (None, None, [ERASED])
    ] * 2
    assert [each.offset for each in after] == [0, 1, 2]


@pytest.mark.parametrize(
    "value",
    [{"author": ANN, "text": "hers"}, b'{"author": "%s"}' % ANN.encode(), f'no JSON "author":"{ANN}"'],
)
def test_what_names_the_key_without_being_keyed_by_it_is_emptied(
    settings: Settings, broker: EmbeddedBroker, value: Any
) -> None:
    broker.append([record(value, None, "texts.dead")])
    broker.close()

    assert erase({ANN}, settings, FIELDS).records == 1


@pytest.mark.parametrize("odd", ["[" * 100_000, "9" * 5000, '{"a":' * 50_000, "\\ud800"])
def test_nobody_can_write_what_keeps_others_from_being_erased(
    settings: Settings, broker: EmbeddedBroker, odd: str
) -> None:
    broker.append([record(odd + ANN, None), Record("texts", None, (odd + ANN).encode()), record("hers", ANN)])
    broker.close()

    assert spellings(ANN.upper(), settings, {"author"}) == {ANN}
    assert erase({ANN}, settings, FIELDS).records == 1


def test_the_words_of_others_stay_and_are_counted(settings: Settings, broker: EmbeddedBroker) -> None:
    broker.append([record({"author": BOB, "text": f"I met {ANN} today"}, BOB)])
    broker.close()

    erased = erase({ANN}, settings, FIELDS)

    assert (erased.records, erased.mentions) == (0, 1)


def test_positions_of_groups_stay(settings: Settings, broker: EmbeddedBroker) -> None:
    broker.append([record("hers", ANN), record("his", BOB)])
    session = broker.join("readers", "one", [Input("texts")])
    session.commit([session.poll({"texts": 1}, 0.0)], [])
    session.close()
    positions = broker.positions("readers")
    broker.close()

    erase({ANN}, settings, FIELDS)

    with closing(open_broker(settings.broker)) as again:
        assert again.positions("readers") == positions


def test_state_and_journals_no_longer_name_the_key(settings: Settings) -> None:
    with closing(open_store(settings.store)) as store, closing(open_broker("embedded:")) as broker:
        state = FencedState[int](store, "topology.node.sums")
        history = History(broker, Plan("topology", "node", "node-0"))
        all_state = NodeState(store, "topology.node", {"sums": state}, history, FakeClock())
        all_state.stand_on({TopicPartition("texts", 0): Position(0)}, assignment=1)
        state.enter(0)
        for user in (ANN, BOB):
            state[f"3:model:{user}"] = 7
        state.prepare()
        state.keep()
        all_state.flush()

    assert erase({ANN}, settings, FIELDS, lambda name: name.endswith(f":{ANN}")).states == 1

    with closing(open_store(settings.store)) as store:
        ((_, entry),) = store.scan("topology.node")
        assert JournalEntry(*unpack(entry.value)).keys == {"sums": {f"3:model:{BOB}": 0}}
        assert store.get("topology.node.sums", f"3:model:{BOB}") is not None
    assert find_traces(settings.data, ANN) == ()


class Kept(MemoryStore):
    """A store on a server: closed, it is still there."""

    def close(self) -> None:
        pass


def test_a_store_on_a_server_is_erased_and_what_stays_there_is_said(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Kept()
    there.put_many("names", {ANN: b"", BOB: b""})
    monkeypatch.setattr(erasing, "open_store", {"aerospike://host/test": there}.__getitem__)

    erased = erase({ANN}, replace(settings, store="aerospike://host/test"), FIELDS)

    assert [key for key, _ in there.scan("names")] == [BOB]
    assert (erased.states, erased.servers) == (1, ("store",))


def test_documents_that_name_the_key_are_removed(settings: Settings) -> None:
    with closing(open_documents(settings.documents)) as documents:
        documents.upsert("posts", [{"id": str(n), "author": ANN if n % 2 else BOB} for n in range(500)])

    assert erase({ANN}, settings, FIELDS).documents == 250

    with closing(open_documents(settings.documents)) as documents:
        assert documents.count("posts") == 250
    assert find_traces(settings.data, ANN) == ()


def test_no_byte_is_left_in_any_file(settings: Settings, broker: EmbeddedBroker) -> None:
    for turn in range(20):
        broker.append([record(f"{each} {turn}", each) for each in (ANN, BOB)])
    broker.close()
    with closing(open_store(settings.store)) as store:
        for turn in range(20):
            store.put_many("names", {each: pack([each, turn]) for each in (ANN, BOB)})
        store.delete("names", ANN)
    with closing(open_documents(settings.documents)) as documents:
        for turn in range(20):
            documents.upsert("posts", [{"id": str(turn), "author": each} for each in (ANN, BOB)])
    assert find_traces(settings.data, ANN)

    erased = erase({ANN}, settings, FIELDS)

    assert (erased.mentions, erased.traces) == (0, ())
    assert find_traces(settings.data, BOB)


def test_everything_else_is_as_it_was_and_can_be_gone_on_with(
    settings: Settings, broker: EmbeddedBroker
) -> None:
    broker.append([record("his", BOB), record("hers", ANN)])
    broker.close()
    erase({ANN}, settings, FIELDS)

    with closing(open_broker(settings.broker)) as again:
        again.append([record("his again", BOB)])

    assert [each.value and Codec().decode(each) for each in held(settings)] == ["his", None, "his again"]


def test_erasing_again_finds_nothing(settings: Settings, broker: EmbeddedBroker) -> None:
    broker.append([record("hers", ANN)])
    broker.close()
    erase({ANN}, settings, FIELDS)

    assert erase({ANN}, settings, FIELDS).records == 0


def test_a_folder_in_use_is_refused(settings: Settings) -> None:
    with DataFolder(settings.data).lock(), pytest.raises(DataFolderError, match="in use"):
        erase({ANN}, settings, FIELDS)


def test_a_running_instance_is_refused(settings: Settings, broker: EmbeddedBroker) -> None:
    broker.append([record("hers", ANN)])
    broker.join("readers", "one", [Input("texts")])

    with pytest.raises(BrokerError, match="Stop them first"):
        erase({ANN}, settings, FIELDS)


@pytest.mark.parametrize("place", ["store", "broker"])
def test_files_that_another_process_has_open_are_left_as_they_are(settings: Settings, place: str) -> None:
    """One that has a file open goes on with the old one, and what it writes there is lost."""
    with closing(open_store(settings.store)) as store, closing(open_broker(settings.broker)):
        store.put("names", ANN, b"")
    folder = Path(getattr(settings, place).removeprefix("embedded:"))
    command = [sys.executable, "-c", f"import lmdb; kept = lmdb.open({str(folder)!r}); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as other:
        assert other.stdin is not None
        until(lambda: is_open(folder))
        with pytest.raises(DataFolderError, match="is open in another process; stop what uses it first"):
            erase({ANN}, settings, FIELDS)
        other.stdin.close()

    with closing(open_store(settings.store)) as store:
        assert store.get("names", ANN) is not None


@pytest.fixture
def server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedBroker]:
    """A broker that counts as one on a server."""
    with closing(EmbeddedBroker(str(settings.data.parent / "server"))) as there:
        there.create_topics([TopicSpec("texts", 2)])
        monkeypatch.setattr(there, "close", lambda: None)
        monkeypatch.setattr(erasing, "open_broker", {SERVER: there}.__getitem__)
        yield there
        monkeypatch.undo()


def test_beside_a_broker_on_a_server_no_byte_is_left_in_files_and_its_records_stay(
    settings: Settings, server: EmbeddedBroker
) -> None:
    server.append([record("hers", ANN)])
    with closing(open_store(settings.store)) as store:
        for value in (ANN.encode(), b"later"):
            store.put_many("names", {ANN: value, BOB: value})
    with closing(open_documents(settings.documents)) as documents:
        documents.upsert("posts", [{"id": each, "author": each} for each in (ANN, BOB)])

    erased = erase({ANN}, replace(settings, broker=SERVER), FIELDS)

    assert (erased.records, erased.states, erased.documents) == (0, 1, 1)
    assert (erased.servers, erased.traces) == (("broker",), ())
    assert find_traces(settings.data, BOB)
    assert [each.key for each in read_spans(server, "texts", server.spans("texts"))] == [ANN.encode()]


def test_an_instance_that_runs_on_a_server_is_refused(settings: Settings, server: EmbeddedBroker) -> None:
    settings = replace(settings, broker=SERVER)
    note_places(DataFolder(settings.data), "shop", settings)
    server.join("shop.readers", "one", [Input("texts")])

    with pytest.raises(BrokerError, match=r"'shop\.readers' has running members\. Stop them first"):
        erase({ANN}, settings, FIELDS)


def test_instances_of_other_topologies_on_a_server_are_their_own_concern(
    settings: Settings, server: EmbeddedBroker
) -> None:
    settings = replace(settings, broker=SERVER)
    note_places(DataFolder(settings.data), "shop", settings)
    server.join("shopping.readers", "one", [Input("texts")])

    assert erase({ANN}, settings, FIELDS).records == 0


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="there is no data folder"):
        erase({ANN}, Settings(data=tmp_path / "mistyped"), FIELDS)


@pytest.mark.parametrize(
    "value",
    [
        {"author": BOB, "kind": ANN},
        {"author": BOB, "title": ANN, "subreddit": ANN},
        {"id": ANN, "author": BOB},
        {"author": {"author": ANN}},
        [ANN],
        ANN,
        b'{"kind": "%s", "author": "%s", torn' % (ANN.encode(), BOB.encode()),
    ],
)
def test_a_word_that_is_the_value_of_another_field_harms_nobody(
    settings: Settings, broker: EmbeddedBroker, value: Any
) -> None:
    broker.append([record(value, BOB)])
    broker.close()

    erased = erase({ANN}, settings, FIELDS)

    assert (erased.records, erased.mentions) == (0, 1)


def test_many_keys_are_erased_at_once_and_only_these(settings: Settings, broker: EmbeddedBroker) -> None:
    many = {f"user.{number}" for number in range(3 * FEW)}
    others = [f"user.{number}0" for number in range(3 * FEW, 4 * FEW)]
    broker.append([record({"author": each, "text": "words"}, None) for each in [*many, *others]])
    broker.append([record("words", each) for each in many])
    broker.close()

    erased = erase(many, settings, FIELDS)

    assert (erased.records, erased.mentions, erased.traces) == (2 * len(many), 0, ())
    values = [Codec().decode(each) for each in held(settings) if each.value is not None]
    assert [each["author"] for each in values] == others


@pytest.mark.lengthy
@pytest.mark.parametrize(
    "torn",
    [
        b'{"id": "t1_1", "author": "%s", "body": "hers' % ANN.encode(),
        pack({"author": ANN, "body": "hers"})[:-3],
        pack({"user": "-" * 40, "author": ANN}) + b"\xc1",
    ],
)
def test_what_can_be_read_in_part_alone_goes_by_its_field_too(
    settings: Settings, broker: EmbeddedBroker, torn: bytes
) -> None:
    broker.append([Record("texts.dead", None, torn, {"content-type": b"application/msgpack"}, 0)])
    broker.close()

    assert erase({ANN}, settings, FIELDS).records == 1


def test_a_trace_is_found_wherever_blocks_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "BLOCK_BYTES", 7)
    for before in range(30):
        (tmp_path / f"held {before}").write_bytes(b"." * before + b"ann" + b"." * (before % 3))
        (tmp_path / f"longer {before}").write_bytes(b"." * before + b"annie joann ann-a x_ann ann1")

    found = find_traces(tmp_path, "ann")

    assert {path.name for path in found} == {f"held {before}" for before in range(30)}


def test_what_comes_first_has_been_done_when_it_is_killed(
    settings: Settings, broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.append([record("hers", ANN)])
    broker.close()
    monkeypatch.setattr(EmbeddedBroker, "erase", killed)

    with pytest.raises(Killed):
        erase({ANN}, settings, FIELDS, first=lambda store: store.put("kept", "first", b""))

    with closing(open_store(settings.store)) as store:
        assert store.get("kept", "first") is not None


class Killed(BaseException):
    """In place of a signal."""


def killed(*_: object) -> int:
    raise Killed
