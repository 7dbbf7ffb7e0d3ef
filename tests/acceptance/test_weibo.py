"""A Weibo collection judged word by word as it runs: every process killed, and somebody forgotten.

What fails shows numbers, never a text or a name.
"""

import random
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from catenae import Documents, open_documents
from catenae.operating.erasing import find_traces
from services.classifiers.classifier import Judgement, Post
from services.classifiers.kinds import load_classifier
from services.classifiers.kinds.svm import MACHINES, SUPPORT, SVM, VECTORS, SvmSaid
from services.classifiers.kinds.words import VOCABULARY
from services.classifiers.manifest import Line, files_of
from services.classifiers.picture import Judged, of_posts
from services.classifiers.preprocessing import CHINESE
from services.cli.run import every
from services.depression.model.collections import open_collection
from services.forgetting.forget import forget
from services.models.arrays import npy_of
from services.models.folder import save_files
from services.weibo.demo import write_weibo
from services.weibo.phrases import WORDS
from tests.acceptance.running import kill_one, running, wait_for

pytest.importorskip("rjieba", reason="the extra chinese is not installed")
pytest.importorskip("opencc", reason="the extra chinese is not installed")

pytestmark = pytest.mark.acceptance

ROOT = Path(__file__).parents[2]
KILLS = 10


@pytest.fixture
def weibo(tmp_path: Path) -> Path:
    write_weibo(tmp_path / "weibo", users=40, posts=1500)
    return tmp_path / "weibo"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A machine of one support vector: heavy words raise, all others that it knows lower."""
    heavy = WORDS["heavy"]
    words = [*heavy, *WORDS["adjective"]]
    said = SvmSaid(
        about="low mood",
        languages=["zh"],
        labels=("no", "yes"),
        reading=2,
        preprocessing=list(CHINESE),
        threshold=0.5,
        min_posts=1,
        training={},
        embedding="word2vec",
        most_words=100,
        calibration=Line(1.0, 0.0),
        gamma=1.0,
        bias=-0.5,
    )
    contents = {
        VOCABULARY: "\n".join(words).encode(),
        VECTORS: npy_of(np.where([word in heavy for word in words], 1.0, -0.5)),
        MACHINES: npy_of(np.array([1.0])),
        SUPPORT: npy_of(np.array([4.0])),
    }
    save_files(files_of(said, SVM, contents), tmp_path / "model")
    return tmp_path / "model"


def options(weibo: Path, model: Path) -> list[str]:
    judges = [f"{node}.model={model}" for node in ("post_judge", "topic_judge", "api")]
    return [*judges, f"weibo_reader.path={weibo}", "api.port=0"]


def judged_offline(weibo: Path, model: Path) -> Mapping[str, Mapping[str, tuple[Judgement, int]]]:
    """Return what the model says of each post, and when it was written, by user and id."""
    classifier = load_classifier(model)
    return {
        user: {
            post.id: (said, int(post.created_utc))
            for post, said in zip(
                posts, classifier.classify([Post(each.text) for each in posts], words=10), strict=True
            )
        }
        for user, posts in open_collection(weibo).posts.items()
    }


def are_all_there(documents: Documents, wanted: int) -> bool:
    counts = [documents.count("posts"), documents.count("probabilities")]
    return [*counts, sum(each["posts"] for each in every(documents, "users"))] == [wanted] * 3


def test_every_post_counts_once_as_the_model_judges_it_whatever_is_killed(
    weibo: Path, model: Path, tmp_path: Path
) -> None:
    data, chance = tmp_path / "data", random.Random(3)
    data.mkdir()
    right = judged_offline(weibo, model)
    wanted = sum(map(len, right.values()))

    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        with running(data, "weibo", options(weibo, model)) as process:
            wait_for(lambda: documents.count("posts") > 0)
            for _ in range(KILLS):
                kill_one(process, chance)
                time.sleep(0.3)
            wait_for(lambda: are_all_there(documents, wanted))
        posts, users = [*every(documents, "probabilities")], [*every(documents, "users")]

    of_post = {key: said for of_user in right.values() for key, (said, _) in of_user.items()}
    assert {each["post_id"] for each in posts} == of_post.keys()
    assert all(
        each["post_probability"] == pytest.approx(of_post[each["post_id"]].probability, abs=1e-5)
        for each in posts
    )
    assert all(
        [word for word, _ in each["words"]] == [word for word, _ in of_post[each["post_id"]].words]
        for each in posts
    )
    pictures = {
        user: of_posts((key, Judged("", said.probability, at)) for key, (said, at) in of_user.items())
        for user, of_user in right.items()
    }
    assert {each["user"]: each["posts"] for each in users} == {
        user: picture.posts for user, picture in pictures.items()
    }
    assert all(
        each["probability"] == pytest.approx(pictures[each["user"]].probability, abs=1e-5) for each in users
    )
    assert any(len(said.words) > 1 and said.words[0][0] in WORDS["heavy"] for said in of_post.values())


def test_of_who_is_forgotten_nothing_is_left_and_nothing_comes_back(
    weibo: Path, model: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    collection = open_collection(weibo)
    who = next(iter(collection.truth))
    wanted = sum(map(len, collection.posts.values()))
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        with running(data, "weibo", options(weibo, model)):
            wait_for(lambda: are_all_there(documents, wanted))
        before = {each["user"]: each["probability"] for each in every(documents, "users")}

    forget(who, data)

    assert find_traces(data, who) == ()
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        with running(data, "weibo", options(weibo, model)) as process:
            # Long enough to read the whole collection anew, were its place lost.
            time.sleep(3)
            assert process.poll() is None
        after = {each["user"]: each["probability"] for each in every(documents, "users")}
        left = wanted - len(collection.posts[who])
        assert are_all_there(documents, left)
    assert after == {user: probability for user, probability in before.items() if user != who}
    assert find_traces(data, who) == ()
