"""Posts with thumbnails through the topology: judged by both, stored, and forgotten, thumbnails and all."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from catenae import Documents, Message, open_documents
from catenae.testing import drain
from services.classifiers.classifier import Post
from services.classifiers.kinds import load_classifier
from services.classifiers.kinds.fused import IMAGE, TEXT
from services.depression.model.artefact import Model, files_of
from services.forgetting.forget_recorder import PERSONAL
from services.images.decoder import Decoder
from services.models.folder import save_files
from services.reddit.replay import Replay
from services.scenes.demo import POSTS, painted, write_painted
from services.screenings import fields_of
from tests.unit.classifiers.image_files import image_files
from tests.unit.classifiers.test_fused_kind import fused
from topologies.multimodal import topology

pytestmark = pytest.mark.lengthy

USERS, NUMBER = 5, 40
WORDS = Model(("feel", "my", "the"), np.ones(3), np.array([2.0, -1.0, -1.0]), bias=0.0, threshold=0.5)


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of posts and their thumbnails, beside a model of words and colours."""
    write_painted(tmp_path / "images", painted(USERS, NUMBER, seed=3), seed=3)
    save_files(fused({TEXT: files_of(WORDS), IMAGE: image_files()}), tmp_path / "model")
    return tmp_path / "images"


def run(folder: Path, documents: Documents, texts: Sequence[Message] = ()) -> dict[str, list[Message]]:
    options = {
        "replay": {"path": str(folder / POSTS)},
        "image_fetcher": {"folder": str(folder)},
        "post_judge": {"model": str(folder.parent / "model")},
        "api": {"model": str(folder.parent / "model")},
    }
    return drain(topology, {"texts": list(texts)}, options, documents=documents, for_s=5)


def test_every_post_is_judged_by_its_text_and_its_thumbnail(folder: Path, documents: Documents) -> None:
    topics = run(folder, documents)

    model = load_classifier(folder.parent / "model")
    with closing(Decoder()) as decoder:
        posts = [
            Post(each.text, images=[decoder.thumbnail(each.image)]) for each in painted(USERS, NUMBER, seed=3)
        ]
    right = sorted(each.probability for each in model.classify(posts))
    evidence = [each.value for each in topics["evidence"]]
    assert sorted(each["probability"] for each in evidence) == pytest.approx(right, abs=1e-5)
    assert {each["modality"] for each in evidence} == {"both", "image"}
    assert documents.count("posts") == documents.count("probabilities") == NUMBER


def test_no_address_and_no_name_of_an_image_goes_on(folder: Path, documents: Documents) -> None:
    topics = run(folder, documents)

    assert all("images" not in each.value for each in topics["illustrated_texts"])
    assert not any(b".jpg" in repr(each.value).encode() for each in topics["evidence"])


def test_of_who_is_forgotten_nothing_is_left_and_all_of_the_others(
    folder: Path, documents: Documents
) -> None:
    who, other = (post.user for post in painted(USERS, NUMBER, seed=3)[:2])
    documents.upsert("forget_requests", [{"id": who, "status": "requested", "requested_ms": 1}])
    written = [each for each in Replay(folder / POSTS).generate(None) if each is not None]
    (folder / POSTS).write_bytes(b"")

    run(folder, documents, [Message(each.value, each.key) for each in written])

    fields = fields_of(PERSONAL, documents.collections())
    left = {
        user: sum(documents.count(name, {field: user}) for name, field in fields.items())
        for user in (who, other)
    }
    assert left[who] == 0
    assert left[other] > 0


def test_of_a_post_that_is_removed_nothing_is_left(folder: Path, documents: Documents) -> None:
    written = [each for each in Replay(folder / POSTS).generate(None) if each is not None]
    removed = [Message({**each.value, "removed": True}, each.key) for each in written[:3]]
    (folder / POSTS).write_bytes(b"")

    topics = run(folder, documents, [*(Message(each.value, each.key) for each in written), *removed])

    assert sum(bool(each.value["thumbnails"]) for each in topics["illustrated_texts"]) == NUMBER
    assert documents.count("posts") == NUMBER - 3
