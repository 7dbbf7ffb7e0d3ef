"""A user is forgotten after a run: nothing of them is left in any file, and everything of the others."""

import time
from collections.abc import Iterable, Set
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import NamedTuple

import pytest

from catenae import Document, open_documents
from catenae.brokers import open_broker
from catenae.config import read_settings
from catenae.deployment.reading import read_spans
from catenae.operating.erasing import find_traces
from services.api.opening import WebTool
from services.cli.run import FORGET_NODE, Folders, replay, replayed
from services.depression.demo.files import write_demo
from services.depression.evaluate import split_users
from services.depression.model.artefact import save_model
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.train import train
from services.forgetting.forget import forget, forget_silent
from services.forgetting.forget_recorder import PERSONAL
from tests.acceptance.quick_training import QUICK

DAY_S = 24 * 3600
pytestmark = pytest.mark.acceptance


def stored(data: Path, without: Set[str] = frozenset()) -> dict[str, dict[str, Document]]:
    """Return what is stored, by collection and id, some users left out."""
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        return {
            name: {
                each["id"]: each
                for each in documents.find(name, limit=10_000).documents
                if each[field] not in without
            }
            for name, field in PERSONAL.items()
        }


def records_that_mention(data: Path, words: Set[str]) -> Iterable[str]:
    every = [word.encode() for word in words]
    with closing(open_broker(read_settings({}, {"data": str(data)}).broker)) as broker:
        for topic in broker.topics():
            for record in read_spans(broker, topic, broker.spans(topic)):
                said = (record.key or b"") + b"\n" + (record.value or b"")
                if any(word in said for word in every):
                    yield topic


class Screened(NamedTuple):
    """A generated collection, and what a run came to with half of it."""

    demo: Path
    folders: Folders
    users: Collection


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Screened:
    folder = tmp_path_factory.mktemp("ran")
    demo, folders = folder / "demo", Folders(folder / "data")
    write_demo(demo, users=80, posts=1600)
    everybody = open_collection(demo)
    first, second = split_users(everybody.truth, 0)
    model, _ = train(everybody.only(first), QUICK)
    folders.data.mkdir()
    save_model(model, folders.model)
    replay(folders, demo, everybody.only(second).truth)
    return Screened(demo, folders, everybody.only(second))


@pytest.fixture
def screened(ran: Screened, tmp_path: Path) -> Screened:
    copied = copytree(ran.folders.data, tmp_path / "data")
    return ran._replace(folders=Folders(Path(copied)))


def test_no_byte_of_a_forgotten_user_is_left_and_all_of_the_others(screened: Screened) -> None:
    demo, folders, users = screened
    user = max(users.truth, key=lambda each: len(users.posts[each]))
    others = stored(folders.data, without={user})
    assert find_traces(folders.data, user)

    erased = forget(user, folders.data)

    assert erased.records > 5 * len(users.posts[user])
    assert erased.documents > 2 * len(users.posts[user])
    assert (erased.mentions, erased.traces) == (0, ())
    assert list(records_that_mention(folders.data, {user})) == []
    assert find_traces(folders.data, user) == ()
    assert stored(folders.data) == others

    rest = {name: truth for name, truth in users.truth.items() if name != user}
    again = replay(folders, demo, rest)
    assert again.new_posts == 0
    assert stored(folders.data) == others


@pytest.mark.parametrize(
    "while_it_runs",
    [
        pytest.param(True, id="while it runs"),
        pytest.param(False, id="when it is stopped", marks=pytest.mark.long),
    ],
)
def test_no_byte_is_left_of_who_was_silent_for_longer_than_is_set(
    screened: Screened, *, while_it_runs: bool
) -> None:
    demo, folders, users = screened
    last_utc = {user: max(post.created_utc for post in users.posts[user]) for user in users.truth}
    before, after = sorted(last_utc.values())[len(last_utc) // 2 - 1 :][:2]
    since_utc = (before + after) / 2
    silent = {user for user, at_utc in last_utc.items() if at_utc < since_utc}
    others = stored(folders.data, without=silent)
    days = (time.time() - since_utc) / DAY_S
    if while_it_runs:
        node = {f"{FORGET_NODE}.silent_days": days}
        with replayed(folders, demo, users.truth, node, WebTool(folders.data, 0, stays=False)):
            pass
        assert stored(folders.data) == others

    assert forget_silent(days, folders.data, time.time())[0] == len(silent)

    assert find_traces(folders.data, *silent) == ()
    assert replay(folders, demo, users.truth).new_posts == 0
    assert stored(folders.data) == others
    firsts = {users.posts[user][0].id for user in silent}
    assert find_traces(folders.data, *silent) == (folders.users,)
    assert list(records_that_mention(folders.data, silent | firsts)) == []
    assert find_traces(folders.data, *firsts) == ()
