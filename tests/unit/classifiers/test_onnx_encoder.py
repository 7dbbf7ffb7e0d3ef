"""An encoder of a graph and a tokeniser that a model brings along, and the English one of packages."""

from importlib.metadata import PackageNotFoundError, distribution
from random import Random

import numpy as np
import pytest
from msgspec.structs import replace

from services.classifiers.classifier import Post
from services.classifiers.encoders.minilm import GRAPH, WORDS, minilm_files, minilm_missing
from services.classifiers.encoders.onnx import ONNX, TOKENIZER, OnnxEncoder
from services.classifiers.kinds import classifier_of
from services.classifiers.kinds.encoder import HEAD, KIND
from services.classifiers.manifest import files_of
from services.models.arrays import npy_of
from services.models.folder import ModelError
from tests.unit.classifiers import onnx_files
from tests.unit.classifiers.conftest import SAID, in_memory
from tests.unit.classifiers.onnx_files import DOMAIN, INPUT, POINTS, field, graph, node, onnx, value

pytest.importorskip("onnxruntime", reason="the extra classify is not installed")
tokenizers = pytest.importorskip("tokenizers", reason="the extra classify is not installed")

pytestmark = pytest.mark.lengthy


@pytest.fixture(scope="module")
def tokenizer() -> bytes:
    numbers = {word: number for number, word in enumerate(onnx_files.WORDS)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(numbers, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    content: str = made.to_str()
    return content.encode()


def model(graph: bytes, tokenizer: bytes) -> dict[str, bytes]:
    head = npy_of(np.array([1.0, -2.0, 0.5]))
    return files_of(SAID, KIND, {ONNX: graph, TOKENIZER: tokenizer, HEAD: head})


def test_a_text_is_the_mean_of_its_tokens_at_unit_length(tokenizer: bytes) -> None:
    found = OnnxEncoder(onnx(), tokenizer, threads=1).encode(["so sad", "tea", "nobody knows this"])

    means = np.array([POINTS[[1, 2]].mean(axis=0), POINTS[3], POINTS[0]])
    assert found == pytest.approx(means / np.linalg.norm(means, axis=1, keepdims=True), abs=1e-6)


def test_no_text_is_too_odd_or_long(tokenizer: bytes) -> None:
    found = OnnxEncoder(onnx(), tokenizer, threads=1).encode(["", "\ud800", "\0", "tea " * 10_000])

    assert np.all(np.isfinite(found))
    assert np.linalg.norm(found, axis=1) == pytest.approx([0, 1, 1, 1])


def test_a_model_with_a_graph_of_its_own_needs_no_package(tokenizer: bytes) -> None:
    classifier = classifier_of(in_memory(model(onnx(), tokenizer)))

    together = classifier.classify([Post("so sad"), Post("tea"), Post("tea " * 300)])
    assert together[0].probability < classifier.classify([Post("tea")])[0].probability
    assert together[1].probability == pytest.approx(together[2].probability)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (onnx(of=graph(nodes=node(field(DOMAIN, "somebody.example")))), "operators of its own"),
        (onnx(of=graph(nodes=node().replace(b"Gather", b"Gatler"))), "no encoder: "),
        (onnx(of=graph(field(INPUT, value("images", 7, "a", "b")))), "a graph that takes"),
        (b"", "0 graphs, where an ONNX file has one"),
    ],
)
def test_a_graph_that_is_no_encoder_is_one_line(content: bytes, found: str, tokenizer: bytes) -> None:
    with pytest.raises(ModelError, match=rf"encoder\.onnx: {found}") as refused:
        classifier_of(in_memory(model(content, tokenizer)))

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 9999, b"\xff", b'{"model": {"type": "Pickle"}}'])
def test_a_tokeniser_that_is_none_is_one_line(content: bytes) -> None:
    with pytest.raises(ModelError, match=r"encoder\.onnx: "):
        classifier_of(in_memory(model(onnx(), content)))


def test_files_that_were_meddled_with_and_sealed_again_are_refused_or_work(tokenizer: bytes) -> None:
    refused = 0
    for seed in range(300):
        random = Random(seed)
        contents = [bytearray(onnx()), bytearray(tokenizer)]
        meddled = contents[seed % 2]
        for _ in range(random.randint(1, 4)):
            meddled[random.randrange(len(meddled))] = random.randrange(256)
        try:
            classifier_of(in_memory(model(bytes(contents[0]), bytes(contents[1]))))
        except ModelError:
            refused += 1

    assert 100 < refused < 300


def test_the_english_encoder_is_what_its_packages_say_it_is() -> None:
    try:
        packages = [(each, distribution(each.package)) for each in (GRAPH, WORDS)]
    except PackageNotFoundError as error:
        pytest.skip(f"{error.name} is not installed")

    for each, package in packages:
        assert each.licence in (package.metadata["License-Expression"], package.metadata["License"])
    assert minilm_missing() == ""


def test_the_english_encoder_says_the_same_in_any_batch() -> None:
    if wrong := minilm_missing():
        pytest.skip(wrong)
    files = files_of(
        replace(SAID, preprocessing=["spaces"]),
        KIND,
        {**minilm_files(), HEAD: npy_of(np.linspace(-5, 5, 384))},
    )
    classifier = classifier_of(in_memory(files))
    posts = [Post(text) for text in ("I feel so low", "tea", "", "we went out and it was fun " * 9)]

    together = [each.probability for each in classifier.classify(posts)]
    assert together == pytest.approx([classifier.classify([post])[0].probability for post in posts], abs=1e-5)
