"""The main job as it is run: every stage a process, and the figures those of the offline evaluation.

On the generated collection, and on real posts where they are at hand (CATENAE_SCREENING_DEV may name them).
What fails shows numbers, never a text or a name.
"""

import os
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from catenae import Documents, open_documents
from services.cli.run import Folders, replay
from services.depression.demo.files import write_demo
from services.depression.evaluate import evaluate, probabilities, split_users
from services.depression.model.artefact import Model, save_model
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.model.text import tokenise
from services.depression.train import train
from tests.acceptance.quick_training import QUICK

pytestmark = pytest.mark.acceptance

NEXT_TO_THE_PROJECT = Path(__file__).parents[3] / "shared" / "data" / "screening-dev"


def real_posts() -> Path:
    folder = Path(os.environ.get("CATENAE_SCREENING_DEV", NEXT_TO_THE_PROJECT))
    if not (folder / "stream.jsonl.gz").exists():
        pytest.skip(f"no collection of real posts in {folder}; CATENAE_SCREENING_DEV may name one")
    return folder


@pytest.fixture(
    params=[
        pytest.param((80, 1600), id="generated"),
        pytest.param((120, 5000), id="more generated", marks=pytest.mark.long),
        pytest.param(None, id="real", marks=pytest.mark.long),
    ]
)
def collection(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param is None:
        return real_posts()
    users, posts = request.param
    write_demo(tmp_path / "demo", users, posts)
    return tmp_path / "demo"


def stored_probabilities(documents: Documents) -> Mapping[str, float]:
    """Return each post's user probability, by post id."""
    found: dict[str, float] = {}
    cursor = None
    while True:
        page = documents.find("probabilities", limit=5000, cursor=cursor)
        found |= {each["post_id"]: each["user_probability"] for each in page.documents}
        cursor = page.cursor
        if cursor is None:
            return found


def recounted(model: Model, texts: list[str], posts: list[int]) -> list[float]:
    """Return the probabilities of whole texts of so many posts, from scikit-learn's counts of their words."""
    counts = CountVectorizer(analyzer=tokenise, vocabulary=model.index).transform(texts)
    weighed = counts.multiply(model.idf).tocsr()
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(1)).ravel() + model.certainty.prior)
    score = weighed @ model.weights / length + model.bias
    if (curve := model.certainty.calibration) is not None:
        counted = np.minimum(posts, curve.most or max(posts))
        way = counted / (counted + curve.half)
        few, many = (line.slope * score + line.intercept for line in (curve.few, curve.many))
        score = (1 - way) * few + way * many
    found = 1 / (1 + np.exp(-score))
    has_few = np.array(posts) < model.certainty.min_posts
    told: list[float] = np.where(has_few, np.minimum(found, model.threshold), found).tolist()
    return told


def furthest(pairs: list[tuple[float, float]]) -> float:
    return max(abs(one - other) for one, other in pairs)


def of_running(documents: Documents, replayed: Collection, model: Model) -> tuple[float, float]:
    """Return how far the topology is from the offline figures, and at last from those of a recount."""
    stored = stored_probabilities(documents)
    offline: list[tuple[float, float]] = []
    at_last: dict[str, float] = {}
    whole: defaultdict[str, str] = defaultdict(str)
    for user, posts in replayed.posts.items():
        expected = probabilities(model, [post.text for post in posts])
        offline += zip((stored[post.id] for post in posts), expected.tolist(), strict=True)
        at_last[user] = stored[posts[-1].id]
        whole[user] = "\n".join(post.text for post in posts)
    numbers = [len(replayed.posts[user]) for user in whole]
    reference = dict(zip(whole, recounted(model, list(whole.values()), numbers), strict=True))
    assert len(offline) == len(stored)
    return furthest(offline), furthest([(at_last[user], reference[user]) for user in reference])


def test_the_running_topology_says_what_the_offline_evaluation_says(collection: Path, tmp_path: Path) -> None:
    everybody = open_collection(collection)
    first, second = split_users(everybody.truth, 0)
    replayed = everybody.only(second)
    model, _ = train(everybody.only(first), QUICK)
    folders = Folders(tmp_path / "data")
    folders.data.mkdir()
    save_model(model, folders.model)

    summary = replay(folders, collection, replayed.truth)

    with closing(open_documents(f"sqlite:{folders.documents}")) as documents:
        from_offline, from_recount = of_running(documents, replayed, model)
    assert (from_offline < 1e-9, from_recount < 1e-9) == (True, True)
    assert summary.scores == evaluate(model, replayed).methods["running rule"].scores
    assert summary.posts == sum(len(posts) for posts in replayed.posts.values())
