"""Posts with thumbnails judged as they run: every process killed, and somebody forgotten.

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
from services.classifiers.classifier import Post
from services.classifiers.kinds import load_classifier
from services.classifiers.kinds.fused import IMAGE, TEXT
from services.cli.run import every
from services.depression.model.artefact import Model, files_of
from services.forgetting.forget import forget
from services.images.decoder import Decoder
from services.models.folder import save_files
from services.scenes.demo import POSTS, Painted, painted, post_id, write_painted
from tests.acceptance.running import kill_one, running, wait_for
from tests.unit.classifiers.image_files import image_files
from tests.unit.classifiers.test_fused_kind import fused

pytestmark = pytest.mark.acceptance

KILLS = 10
WORDS = Model(("feel", "my", "the"), np.ones(3), np.array([2.0, -1.0, -1.0]), bias=0.0, threshold=0.5)
OPTIONS = ("replay.path={0}/images/" + POSTS, "image_fetcher.folder={0}/images", "api.port=0")


@pytest.fixture(scope="module")
def posts() -> list[Painted]:
    return painted(users=20, posts=400, seed=5)


@pytest.fixture
def folder(tmp_path: Path, posts: list[Painted]) -> Path:
    """Return a folder of posts, thumbnails, a model, and data of nothing yet."""
    write_painted(tmp_path / "images", posts, seed=5)
    save_files(fused({TEXT: files_of(WORDS), IMAGE: image_files()}), tmp_path / "model")
    (tmp_path / "data").mkdir()
    return tmp_path


def options(folder: Path) -> list[str]:
    models = [f"{node}.model={folder}/model" for node in ("post_judge", "api")]
    return [*models, *(each.format(folder) for each in OPTIONS)]


def judged_offline(folder: Path, posts: list[Painted]) -> Mapping[str, float]:
    with closing(Decoder()) as decoder:
        asked = [Post(each.text, images=[decoder.thumbnail(each.image)]) for each in posts]
    said = load_classifier(folder / "model").classify(asked)
    return {post_id(number): each.probability for number, each in enumerate(said)}


def opened(folder: Path) -> Documents:
    return open_documents(f"sqlite:{folder / 'data' / 'documents.sqlite'}")


def are_all_there(documents: Documents, wanted: int) -> bool:
    pictures = sum(each["posts"] for each in every(documents, "users"))
    return [documents.count("posts"), documents.count("probabilities"), pictures] == [wanted] * 3


def test_every_post_counts_once_as_the_model_judges_it_whatever_is_killed(
    folder: Path, posts: list[Painted]
) -> None:
    chance, right = random.Random(3), judged_offline(folder, posts)
    with closing(opened(folder)) as documents:
        with running(folder / "data", "multimodal", options(folder)) as process:
            wait_for(lambda: documents.count("posts") > 0)
            for _ in range(KILLS):
                kill_one(process, chance)
                time.sleep(0.3)
            wait_for(lambda: are_all_there(documents, len(posts)))
        said = {each["post_id"]: each["post_probability"] for each in every(documents, "probabilities")}

    assert said == pytest.approx(dict(right), abs=1e-5)


def test_of_who_is_forgotten_nothing_is_left_thumbnails_included(folder: Path, posts: list[Painted]) -> None:
    who = posts[0].user
    left = sum(post.user != who for post in posts)
    with closing(opened(folder)) as documents, running(folder / "data", "multimodal", options(folder)):
        wait_for(lambda: are_all_there(documents, len(posts)))

    forget(who, folder / "data")

    assert find_traces(folder / "data", who) == ()
    with closing(opened(folder)) as documents:
        assert are_all_there(documents, left)
