"""Searches by topic whose posts a sentence encoder judges: a kind that is not linear in words."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from catenae import Documents, open_documents
from catenae.testing import TestDriver
from services.classifiers.classifier import Post
from services.classifiers.encoders.onnx import ONNX, TOKENIZER
from services.classifiers.kinds import load_classifier
from services.classifiers.kinds.encoder import HEAD, KIND
from services.classifiers.manifest import files_of
from services.depression.model.text import own_words
from services.models.arrays import npy_of
from services.models.folder import save_files
from services.reddit.records import text_record
from services.topics.topic_judge import label_of
from tests.topologies.topic_counts import counted, found, recounted
from tests.unit.classifiers import onnx_files
from tests.unit.classifiers.conftest import SAID
from topologies.topic import topology

pytest.importorskip("onnxruntime", reason="the extra classify is not installed")
tokenizers = pytest.importorskip("tokenizers", reason="the extra classify is not installed")

pytestmark = pytest.mark.lengthy

TOPIC = {"id": "t1", "query": "tea", "sources": ["held"], "will": "run", "created_ms": 0}
TEXTS = ("so sad tea", "tea", "tea tea so", "sad sad tea", "sad")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a model whose graph looks the points of four words up."""
    numbers = {word: number for number, word in enumerate(onnx_files.WORDS)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(numbers, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    contents = {
        ONNX: onnx_files.onnx(),
        TOKENIZER: tokenizer.to_str().encode(),
        HEAD: npy_of(np.array([-1.0, 12.0, -1.0])),
    }
    folder = tmp_path_factory.mktemp("encoder") / "model"
    save_files(files_of(replace(SAID, preprocessing=["case"]), KIND, contents), folder)
    return folder


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


def written() -> Sequence[Mapping[str, Any]]:
    return [
        {
            "id": f"t1_{number}",
            "kind": "comment",
            "author": f"user {number % 7}",
            "created_utc": 60 * number,
            "body": f"{TEXTS[number % len(TEXTS)]} number{number}",
        }
        for number in range(60)
    ]


@pytest.mark.parametrize("killed", ["", "topic_judge", "topic_counter"])
def test_what_a_sentence_encoder_says_is_counted_exactly(
    model: Path, documents: Documents, killed: str
) -> None:
    posts = written()
    documents.upsert("posts", posts)
    documents.upsert("topics", [TOPIC])
    with TestDriver(topology, {"topic_judge": {"model": str(model)}}, documents=documents) as driver:
        if killed:
            driver.kill(killed, "before commit")
        driver.advance(5)

    judge = load_classifier(model)
    asked = [each for each in posts if "tea" in each["body"]]
    said = judge.classify([Post(own_words(text_record(each))) for each in asked])
    assert {each["post_id"]: each["label"] for each in found(documents)} == {
        each["id"]: label_of(judged, judge.threshold, 0.25) for each, judged in zip(asked, said, strict=True)
    }
    assert counted(documents) == recounted(found(documents))
    labels = counted(documents)["all"][""]
    assert sum(labels) == len(asked)
    assert min(labels[:2]) > 0


def test_the_words_that_weighed_are_named(model: Path, documents: Documents) -> None:
    documents.upsert("posts", written())
    documents.upsert("topics", [TOPIC])
    with TestDriver(topology, {"topic_judge": {"model": str(model)}}, documents=documents) as driver:
        driver.advance(5)

    signs = [each for each in found(documents) if each["label"] == "signs"]
    assert signs
    assert {max(each["words"], key=lambda word: word[1])[0] for each in signs} == {"sad"}
