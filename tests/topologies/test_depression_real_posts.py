"""The screening on real posts, where a collection of them is at hand."""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from operator import sub
from pathlib import Path

import pytest

from catenae.testing import drain
from services.depression.model.text import own_words
from services.reddit.files import open_lines
from services.reddit.records import text_record
from topologies.depression import topology

MODEL_NODES = ("text_vectoriser", "tfidf_transformer", "logistic_predictor")
SAMPLE_POSTS = 1500
NEXT_TO_THE_PROJECT = Path(__file__).parents[3] / "shared" / "data" / "screening-dev"
Fit = Callable[
    [Mapping[str, str], Mapping[str, bool]], tuple[Path, Callable[[Sequence[str]], Sequence[float]]]
]


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Return a file with the first posts of the collection; skip where there is none."""
    folder = Path(os.environ.get("CATENAE_SCREENING_DEV", NEXT_TO_THE_PROJECT))
    if not (folder / "stream.jsonl.gz").exists():
        pytest.skip(f"no collection of real posts in {folder}; CATENAE_SCREENING_DEV may name one")
    lines = islice(open_lines(folder / "stream.jsonl.gz"), SAMPLE_POSTS)
    (tmp_path / "sample.jsonl").write_bytes(b"\n".join(line.data for line in lines))
    return tmp_path / "sample.jsonl"


@pytest.mark.lengthy
def test_real_posts_get_the_probabilities_of_scikit_learn(sample: Path, fit: Fit) -> None:
    """Compare in a way that shows numbers when it fails, never a text or a name."""
    texts: dict[str, list[str]] = defaultdict(list)
    for line in open_lines(sample):
        record = text_record(json.loads(line.data))
        texts[record["author"]].append(own_words(record))
    whole = {user: "\n".join(written) for user, written in texts.items()}
    folder, reference = fit(whole, {user: number % 4 == 0 for number, user in enumerate(whole)})

    topics = drain(
        topology,
        {},
        {"replay": {"path": str(sample)}} | {node: {"model": str(folder)} for node in MODEL_NODES},
    )

    latest = {each.value["user"]: each.value["probability"] for each in topics["user_probabilities"]}
    expected = reference([whole[user] for user in latest])
    assert len(latest) == len(whole)
    assert max(map(abs, map(sub, latest.values(), expected))) < 1e-9
