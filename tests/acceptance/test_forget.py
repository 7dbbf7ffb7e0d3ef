"""A user is forgotten after a run: nothing of them is left in any file, and everything of the others."""

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from catenae import Document, open_documents
from catenae.brokers import open_broker
from catenae.config import read_settings
from catenae.topology.erasing import find_traces
from catenae.topology.reading import read_spans
from services.depression.demo.files import write_demo
from services.depression.evaluate import split_users
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.run import Folders, replay
from services.depression.train import Recipe, train
from services.forgetting.forget import forget
from services.forgetting.forget_recorder import PERSONAL

pytestmark = pytest.mark.acceptance


def stored(data: Path, without: str) -> dict[str, dict[str, Document]]:
    """Return what is stored, by collection and id, one user left out."""
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        return {
            name: {
                each["id"]: each
                for each in documents.find(name, limit=10_000).documents
                if each[field] != without
            }
            for name, field in PERSONAL.items()
        }


def records_that_mention(data: Path, word: str) -> Iterable[str]:
    with closing(open_broker(read_settings({}, {"data": str(data)}).broker)) as broker:
        for topic in broker.topics():
            for record in read_spans(broker, topic, broker.spans(topic)):
                if any(word.encode() in (part or b"") for part in (record.key, record.value)):
                    yield topic


def test_no_byte_of_a_forgotten_user_is_left_and_all_of_the_others(tmp_path: Path) -> None:
    demo, folders = tmp_path / "demo", Folders(tmp_path / "data")
    write_demo(demo, users=120, posts=3000)
    everybody = open_collection(demo)
    first, second = split_users(everybody.truth, 0)
    model, _ = train(everybody.only(first), Recipe())
    folders.data.mkdir()
    save_model(model, folders.model)
    replay(folders, demo, everybody.only(second).truth)
    user = max(second, key=lambda each: len(everybody.posts[each]))
    others = stored(folders.data, without=user)
    assert find_traces(folders.data, user)

    erased = forget(user, folders.data)

    assert erased.records > 5 * len(everybody.posts[user])
    assert erased.documents > 2 * len(everybody.posts[user])
    assert (erased.mentions, erased.traces) == (0, ())
    assert list(records_that_mention(folders.data, user)) == []
    assert find_traces(folders.data, user) == ()
    assert stored(folders.data, without="") == others

    rest = {name: truth for name, truth in everybody.only(second).truth.items() if name != user}
    again = replay(folders, demo, rest)
    assert again.new_posts == 0
    assert stored(folders.data, without="") == others
