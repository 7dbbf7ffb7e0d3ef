"""A model of three words, small enough to work out by hand, and the stages that compute with it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenae import Message, Middle, open_documents
from catenae.testing import MemoryMetrics, MemoryState, message
from services.depression.alert_manager import AlertManager
from services.depression.logistic_predictor import LogisticPredictor
from services.depression.model.artefact import Model, save_model
from services.depression.text_vectoriser import TextVectoriser
from services.depression.tfidf_transformer import TfidfTransformer
from services.depression.vector_aggregator import VectorAggregator


class Stages:
    """The stages of the screening one after the other, without a topology."""

    def __init__(self, model: Path) -> None:
        self.documents = open_documents("sqlite:")
        self.vectoriser = TextVectoriser(self.documents, MemoryMetrics(), str(model))
        self.aggregator = VectorAggregator(MemoryState())
        self.transformer = TfidfTransformer(str(model))
        self.predictor = LogisticPredictor(MemoryState(), MemoryMetrics(), str(model))
        self.alerts = AlertManager(MemoryState())
        for stage in self.chain:
            stage.setup()

    @property
    def chain(self) -> list[Middle]:
        """From text to probabilities."""
        return [self.vectoriser, self.aggregator, self.transformer, self.predictor]

    def counts(self, *records: dict[str, Any]) -> list[Message]:
        return run(self.vectoriser, [message(record) for record in records])

    def count_changes(self, *records: dict[str, Any]) -> list[Message]:
        return run(self.aggregator, self.counts(*records))

    def tfidf_changes(self, *records: dict[str, Any]) -> list[Message]:
        return run(self.transformer, self.count_changes(*records))

    def follow(self, counted: Iterable[Message]) -> list[Message]:
        """From counts on; both ports, mixed."""
        return run(self.predictor, run(self.transformer, run(self.aggregator, counted)))

    def probabilities(self, *records: dict[str, Any]) -> list[Message]:
        """Both ports, mixed."""
        return self.follow(self.counts(*records))


def run(stage: Middle, messages: Iterable[Message]) -> list[Message]:
    """Hand over messages as one batch of one partition."""
    batch = list(messages)
    return list(stage.transform_many(batch)) if batch else []


@pytest.fixture
def model() -> Model:
    vocabulary = ("i", "tea", "sad")
    return Model(vocabulary, np.array([1.0, 1.5, 2.0]), np.array([0.0, -1.0, 2.0]), bias=-1.0, threshold=0.5)


@pytest.fixture
def model_folder(model: Model, tmp_path: Path) -> Path:
    save_model(model, tmp_path / "model")
    return tmp_path / "model"


@contextmanager
def opened(model_folder: Path) -> Iterator[Stages]:
    stages = Stages(model_folder)
    with closing(stages.documents):
        yield stages


@pytest.fixture
def stages(model_folder: Path) -> Iterator[Stages]:
    with opened(model_folder) as found:
        yield found


@pytest.fixture
def others(model_folder: Path) -> Iterator[Stages]:
    """Return stages of the same model, which share nothing with `stages`."""
    with opened(model_folder) as found:
        yield found


@pytest.fixture
def posts() -> Sequence[dict[str, Any]]:
    """Three comments of ann, a minute apart."""
    texts = ("I: sad, sad tea", "tea, tea!", "so sad")
    return [
        {"id": f"t1_{number}", "author": "ann", "created_utc": 60 * number, "kind": "comment", "body": text}
        for number, text in enumerate(texts, start=1)
    ]
