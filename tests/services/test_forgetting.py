"""Requests to forget: where they come from, and when they are done."""

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae import ConfigError, Documents, Erased, Message, Store
from catenae.broker import TopicSpec
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.message import Record
from catenae.operating.erasing import find_traces
from catenae.stores import open_documents, open_store
from catenae.testing import FakeClock, message
from services.forgetting.forget import ask, forget, forget_command, forget_silent, is_state_of, summary
from services.forgetting.forget_recorder import ForgetRecorder
from services.forgetting.forget_requests import COLLECTION, NAMED_FOR_S, ForgetRequests
from services.forgetting.request import is_for_ever, request
from services.reddit.names import Names


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        opened.upsert(COLLECTION, [{"id": "ann", "status": "requested", "requested_ms": 1}])
        yield opened


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(open_store("embedded:")) as opened:
        yield opened


def look(generated: Iterator[Message | None], clock: FakeClock) -> list[Message]:
    clock.advance(1.0)
    return [each for each in iter(lambda: next(generated), None) if each is not None]


def test_a_request_is_passed_on_once(documents: Documents, store: Store) -> None:
    clock = FakeClock()
    generated = ForgetRequests(documents, store, clock=clock.now_s).generate(None)

    first, second = look(generated, clock), look(generated, clock)

    assert [(each.key, each.is_to_forget) for each in first] == [("ann", True)]
    assert second == []


def test_who_is_requested_again_after_it_was_done_is_passed_on_again(
    documents: Documents, store: Store
) -> None:
    clock = FakeClock()
    generated = ForgetRequests(documents, store, clock=clock.now_s).generate(None)
    look(generated, clock)
    documents.upsert(COLLECTION, [{"id": "ann", "status": "requested", "requested_ms": 2}])

    assert [each.key for each in look(generated, clock)] == ["ann"]


def test_for_a_run_that_ends_it_ends(documents: Documents, store: Store) -> None:
    assert [each.key for each in ForgetRequests(documents, store, ends=True).generate(None) if each] == [
        "ann"
    ]


def test_it_is_done_when_no_document_is_left(documents: Documents) -> None:
    recorder = ForgetRecorder(documents, (), FakeClock(20.0).now_s)
    documents.upsert("posts", [{"id": "t1_1", "author": "ann"}])
    (again,) = recorder.forget(request("ann"))
    assert (documents.get(COLLECTION, "ann") or {})["status"] == "requested"
    documents.delete("posts", ["t1_1"])

    assert list(recorder.forget(again)) == []
    assert documents.get(COLLECTION, "ann") == {
        "id": "ann",
        "status": "done",
        "requested_ms": 1,
        "done_ms": 20_000,
        "is_named": True,
    }


@pytest.mark.parametrize(
    ("collection", "field"),
    [
        ("posts", "author"),
        ("probabilities", "user"),
        ("users", "user"),
        ("alerts", "user"),
        ("reviews", "user"),
        ("visits", "user"),
    ],
)
def test_it_is_not_done_while_a_document_of_any_kind_is_left(
    documents: Documents, collection: str, field: str
) -> None:
    documents.upsert(collection, [{"id": "1", field: "ann"}])

    assert len(list(ForgetRecorder(documents).forget(request("ann")))) == 1
    assert (documents.get(COLLECTION, "ann") or {})["status"] == "requested"


def test_what_was_carried_out_is_in_the_audit_log_once(documents: Documents) -> None:
    documents.merge(COLLECTION, [{"id": "ann", "requested_by": "the_administrator", "subject": "user_1"}])
    recorder = ForgetRecorder(documents, (), FakeClock(20.0).now_s)
    for _ in range(2):
        assert list(recorder.forget(request("ann"))) == []
    assert list(recorder.forget(request("nobody asked"))) == []

    (noted,) = documents.find("audit").documents
    assert [noted[name] for name in ("at_ms", "account", "action", "subject")] == [
        *(20_000, "the_administrator", "forgotten", "user_1"),
    ]
    assert "ann" not in str(noted)


def test_the_command_line_notes_what_it_asks_for_and_does(tmp_path: Path) -> None:
    ask("ann", tmp_path)
    forget("ann", tmp_path)

    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        noted = documents.find("audit").documents
    assert [each["action"] for each in noted] == ["forget requested", "forgotten"]
    assert "ann" not in str(noted)


def test_what_is_no_request_is_left_alone(documents: Documents) -> None:
    assert list(ForgetRecorder(documents).transform(message({"id": "ann", "user": "ann"}, "ann"))) == []


def test_a_day_after_it_was_done_the_request_names_nobody(documents: Documents, store: Store) -> None:
    clock = FakeClock()
    done = {"id": "ann", "status": "done", "done_ms": int(clock.now_s() * 1000), "is_named": True}
    documents.merge(COLLECTION, [done])
    generated = ForgetRequests(documents, store, clock=clock.now_s).generate(None)
    look(generated, clock)
    assert documents.get(COLLECTION, "ann") is not None
    clock.advance(NAMED_FOR_S + 1)

    look(generated, clock)

    (kept,) = documents.find(COLLECTION).documents
    assert (kept["status"], kept["requested_ms"]) == ("done", 1)
    assert kept["id"] == Names(store).hash("ann")


@pytest.mark.parametrize(
    ("name", "is_hers"),
    [
        ("ann", True),
        ("v1:ann", True),
        ("12:v1:ann", True),
        ("ann:v1", False),
        ("joann", False),
        ("v1:ann2", False),
    ],
)
def test_state_is_told_by_how_the_stages_name_it(name: str, is_hers: bool) -> None:
    assert is_state_of({"ann"}, name) is is_hers


def test_a_request_waits_for_the_running_topology(tmp_path: Path) -> None:
    ask("bob", tmp_path)

    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        assert (documents.get(COLLECTION, "bob") or {})["status"] == "requested"


def test_who_was_forgotten_is_never_taken_up_again(tmp_path: Path) -> None:
    with closing(open_store(f"embedded:{tmp_path}/store")) as store:
        Names(store)

    forget("ann", tmp_path)

    with closing(open_store(f"embedded:{tmp_path}/store")) as store:
        assert [Names(store).is_suppressed(each) for each in ("ann", "bob")] == [True, False]


def test_what_is_said_of_it_names_nobody_and_says_what_is_left(tmp_path: Path) -> None:
    left = Erased(records=3, states=2, documents=1, mentions=4, traces=(tmp_path / "demo",))

    assert summary(left, tmp_path).startswith("erased 3 records, 2 states, 1 documents; the word is still in")
    assert summary(Erased(3, 2, 1, 0, ()), tmp_path).endswith(f"no byte of the name is left in {tmp_path}")


def test_nothing_found_does_not_read_as_erased_and_the_name_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forget_command("nobody", data=tmp_path, yes=True)

    assert capsys.readouterr().out.startswith("nothing was erased: nobody of this name")
    with closing(open_store(f"embedded:{tmp_path}/store")) as store:
        assert Names(store).is_suppressed("nobody")


@pytest.mark.parametrize("asked", ["Cat_3", "cat_3", "u/CAT_3", "/user/cat_3"])
def test_whoever_is_forgotten_may_write_the_name_in_any_case(tmp_path: Path, asked: str) -> None:
    kept_as = ("Cat_3", "cat_33", "bob")
    codec = Codec()
    with closing(open_broker(f"embedded:{tmp_path}/log")) as broker:
        broker.create_topics([TopicSpec("texts", 1), TopicSpec("texts.dead", 1)])
        for name in kept_as:
            value, headers = codec.encode("texts", {"author": name})
            broker.append([Record("texts", name.encode(), value, headers)])
        refused, headers = codec.encode("texts.dead", b'{"author": "CAT_3", "body": 1}')
        broker.append([Record("texts.dead", None, refused, headers)])
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        documents.upsert("posts", [{"id": name, "author": name} for name in (*kept_as, "cat_3")])

    forget_command(asked, data=tmp_path, yes=True)

    assert find_traces(tmp_path, "Cat_3") == find_traces(tmp_path, "cat_3") == ()
    with closing(open_broker(f"embedded:{tmp_path}/log")) as broker:
        assert [each.key for each in broker.read("texts", 0, 0, 9)] == [None, b"cat_33", b"bob"]
        assert [each.value for each in broker.read("texts.dead", 0, 0, 9)] == [None]
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        assert sorted(each["id"] for each in documents.find("posts").documents) == ["bob", "cat_33"]
    with closing(open_store(f"embedded:{tmp_path}/store")) as store:
        assert [Names(store).is_suppressed(each) for each in ("cAt_3", "bob")] == [True, False]


def test_a_running_topology_is_asked_by_the_names_it_knows(tmp_path: Path) -> None:
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        documents.upsert("users", [{"id": "Cat_3", "user": "Cat_3"}, {"id": "bob", "user": "bob"}])

    assert ask("cat_3", tmp_path) == {"Cat_3"}
    assert ask("zoe", tmp_path) == set()
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        asked = documents.find(COLLECTION, {"status": "requested"}).documents
        assert {each["id"] for each in asked} == {"Cat_3", "cat_3", "zoe"}


def test_without_anybody_to_ask_nothing_is_erased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())

    with pytest.raises(ConfigError, match="nothing was erased"):
        forget_command("ann", data=tmp_path)


@pytest.fixture
def on_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The topics of a topology that is stopped are on a server."""
    monkeypatch.setattr("catenae.operating.erasing.open_broker", lambda _url: open_broker("embedded:"))
    monkeypatch.setenv("CATENAE_BROKER", "kafka://broker:9092")


@pytest.mark.usefixtures("on_a_server")
@pytest.mark.parametrize("asked", [None, "requested"])
def test_with_topics_on_a_server_it_is_the_running_topology_that_forgets_first(
    tmp_path: Path, asked: str | None
) -> None:
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        documents.upsert("posts", [{"id": "1", "author": "ann"}])
        documents.upsert(COLLECTION, [{"id": "Ann", "status": asked}] if asked else [])

    with pytest.raises(ConfigError, match=r"first, with --request; once that request is done, stop it"):
        forget_command("ann", data=tmp_path, yes=True)

    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        assert documents.count("posts") == 1


@pytest.mark.usefixtures("on_a_server")
@pytest.mark.parametrize("is_named", [True, False])
def test_with_topics_on_a_server_no_byte_is_left_here_of_who_was_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, is_named: bool
) -> None:
    with closing(open_store(f"embedded:{tmp_path}/store")) as store:
        store.put_many("state", {"ann": b"ann", "bob": b"bob"})
        name = "ann" if is_named else Names(store).hash("ann")
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        documents.upsert(COLLECTION, [{"id": name, "status": "done"}])
    assert find_traces(tmp_path, "ann")

    forget_command("Ann", data=tmp_path, yes=True)

    assert find_traces(tmp_path, "ann") == find_traces(tmp_path, "Ann") == ()
    assert find_traces(tmp_path, "bob")
    assert (
        "no records on the broker's server, which keeps them for their retention" in capsys.readouterr().out
    )


@pytest.mark.usefixtures("on_a_server")
def test_with_topics_on_a_server_the_silent_are_asked_for_first(tmp_path: Path) -> None:
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        documents.upsert("users", [{"id": "ann", "user": "ann", "last_utc": 1.0}])

    with pytest.raises(ConfigError, match=r"1 silent users .* with --option forget_requests.silent_days=30"):
        forget_silent(30, tmp_path, 100 * DAY_S)


def test_thousands_of_requests_are_all_passed_on(documents: Documents, store: Store) -> None:
    asked = {f"user {number}" for number in range(2500)}
    documents.upsert(COLLECTION, [{"id": each, "status": "requested", "requested_ms": 1} for each in asked])

    passed = [each.key for each in ForgetRequests(documents, store, ends=True).generate(None) if each]

    assert len(passed) == len(asked | {"ann"})
    assert set(passed) == asked | {"ann"}


DAY_S = 24 * 3600


@pytest.mark.parametrize(
    ("days", "asked"), [(0.0, set()), (30.0, {"ann", "ben"}), (7.0, {"ann", "ben", "cid"})]
)
def test_who_is_silent_for_longer_than_is_set_is_forgotten_until_they_write_again(
    documents: Documents, store: Store, days: float, asked: set[str]
) -> None:
    clock = FakeClock()
    for name, silent_days in (("ben", 31), ("cid", 8), ("dan", 1)):
        last_utc = int(clock.now_s()) - silent_days * DAY_S
        documents.upsert("users", [{"id": name, "user": name, "last_utc": last_utc}])

    node = ForgetRequests(documents, store, ends=True, silent_days=days, clock=clock.now_s)
    passed = {each.key: is_for_ever(each) for each in node.generate(None) if each}

    assert passed == {"ann": True} | dict.fromkeys(asked - {"ann"}, False)
    requests = documents.find(COLLECTION, {"requested_by": "retention"}).documents
    assert {each["id"] for each in requests} == asked - {"ann"}


def test_who_falls_silent_later_is_asked_for_then(documents: Documents, store: Store) -> None:
    clock = FakeClock()
    documents.upsert("users", [{"id": "ben", "user": "ben", "last_utc": int(clock.now_s())}])
    generated = ForgetRequests(documents, store, silent_days=1.0, clock=clock.now_s).generate(None)
    assert [each.key for each in look(generated, clock)] == ["ann"]

    clock.advance(DAY_S)

    assert [each.key for each in look(generated, clock)] == ["ben"]


def test_the_silent_are_erased_and_not_suppressed(tmp_path: Path) -> None:
    now_s = FakeClock().now_s()
    with closing(open_store(f"embedded:{tmp_path}/store")) as store:
        Names(store)
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        for name, silent_days in (("ann_of_old", 31), ("ben_of_late", 1)):
            last_utc = int(now_s) - silent_days * DAY_S
            documents.upsert("users", [{"id": name, "user": name, "last_utc": last_utc}])
            documents.upsert("posts", [{"id": f"t1_{name}", "author": name}])
        done = {"id": "cid_of_yore", "is_silent": True, "is_named": True, "status": "done"}
        documents.upsert(COLLECTION, [done])
    (tmp_path / "replayed_users.txt").write_text("ann_of_old\nben_of_late\n")

    users, erased = forget_silent(30, tmp_path, now_s)

    assert (users, erased.documents) == (2, 3)
    assert (tmp_path / "replayed_users.txt").read_text() == "ben_of_late\n"
    assert [find_traces(tmp_path, each) for each in ("ann_of_old", "cid_of_yore")] == [(), ()]
    assert tmp_path / "documents.sqlite.d" / "posts.sqlite" in find_traces(tmp_path, "ben_of_late")
    with closing(open_store(f"embedded:{tmp_path}/store")) as store:
        assert not Names(store).is_suppressed("ann_of_old")
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        assert [each["action"] for each in documents.find("audit").documents] == ["forgotten"]


@pytest.mark.parametrize(
    "arguments", [{}, {"user": "ann", "silent_days": 3.0}, {"silent_days": 3.0, "request": True}]
)
def test_either_one_user_is_meant_or_the_silent(tmp_path: Path, arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="name one user, or say --silent-days"):
        forget_command(**arguments, data=tmp_path, yes=True)


@pytest.mark.parametrize("name", ["comment", "gardening", "high"])
def test_a_name_that_is_a_word_erases_nobody_else(tmp_path: Path, name: str) -> None:
    posts = [
        {"author": "ann_1", "kind": "comment", "subreddit": "gardening", "title": name, "id": "t1_1"},
        {"user": "bob_2", "kind": "comment", "band": "high", "id": "t1_2"},
    ]
    codec = Codec()
    with closing(open_broker(f"embedded:{tmp_path}/log")) as broker:
        broker.create_topics([TopicSpec("texts", 1)])
        broker.append(
            [Record("texts", b"k", *codec.encode("texts", each)) for each in [*posts, {"author": name}]]
        )

    erased = forget(name, tmp_path)

    assert erased.records == 1
    assert erased.mentions >= 1


def test_where_names_know_case_only_the_one_that_is_written_is_forgotten(tmp_path: Path) -> None:
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        for name in ("did:web:Ann.example", "did:web:ann.example"):
            documents.upsert("posts", [{"id": name, "author": name}])

    forget("did:web:ann.example", tmp_path)

    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        assert [each["id"] for each in documents.find("posts").documents] == ["did:web:Ann.example"]


def test_who_is_erased_was_suppressed_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "store").mkdir()
    with closing(open_store(f"embedded:{tmp_path}/store")) as store:
        Names(store)
    monkeypatch.setattr("catenae.operating.erasing.erase_keys", killed)

    with pytest.raises(Killed):
        forget("ann", tmp_path)

    with closing(open_store(f"embedded:{tmp_path}/store")) as store:
        assert Names(store).is_suppressed("ann")


class Killed(BaseException):
    """In place of a signal."""


def killed(*_: object) -> int:
    raise Killed
