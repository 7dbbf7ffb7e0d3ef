"""CPU time per post of each stage of the screening, alone, for users with short and long histories.

    python -m benchmarks.screening_stages [FILE.json]

Posts of 25 words are drawn by Zipf's law from a vocabulary of 12,968 words, as large as the paper's. Each
stage gets batches of 1,000 posts of 200 users, with State in a dict and documents in a SQLite file; broker,
codec and state store are not part of it. The figure is the median batch. Hardly any user reaches the
threshold, so alerts cost next to nothing here.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from catenae import Documents, Leaf, Message
from catenae.stores import open_documents
from catenae.testing import MemoryMetrics, MemoryState, message
from services.depression.alert_manager import AlertManager
from services.depression.logistic_predictor import LogisticPredictor
from services.depression.model.artefact import Model, save_model
from services.depression.model.certainty import Calibration, Certainty, Line
from services.depression.model.counts import pack
from services.depression.text_vectoriser import TextVectoriser
from services.depression.tfidf_transformer import TfidfTransformer
from services.depression.vector_aggregator import VectorAggregator
from services.storage.document_storer import DocumentStorer
from topologies.depression import topology

TERMS, WORDS, USERS, POSTS, BATCHES = 12_968, 25, 200, 1_000, 10
HISTORIES = (10, 1_000, 10_000)

Figures = dict[str, float]


def main(arguments: Sequence[str]) -> None:
    chance = np.random.default_rng(0)
    model, law = invented_model(chance)
    with tempfile.TemporaryDirectory() as workshop:
        save_model(model, Path(workshop, "model"))
        figures = {history: measure(model, law, history, Path(workshop), chance) for history in HISTORIES}
    print(f"{'µs of CPU per post':24}", *(f"{history:>8,}" for history in HISTORIES), "earlier posts")
    for stage in figures[HISTORIES[0]]:
        print(f"{stage:24}", *(f"{figures[history][stage]:8.1f}" for history in HISTORIES))
    print(f"{'all':24}", *(f"{sum(figures[history].values()):8.1f}" for history in HISTORIES))
    if arguments:
        Path(arguments[0]).write_text(json.dumps({"us_per_post": figures}, indent=2) + "\n")


def invented_model(chance: np.random.Generator) -> tuple[Model, np.ndarray]:
    """Return a model with a weight for one word in ten, and the probability of each word."""
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words: dict[str, None] = {}
    while len(words) < TERMS:
        words["".join(chance.choice(letters, 6))] = None
    law = 1 / np.arange(1, TERMS + 1)
    weights = np.where(chance.random(TERMS) < 0.1, chance.normal(size=TERMS), 0.0)
    idf = np.log(np.arange(1, TERMS + 1)) + 1
    certainty = Certainty(100.0, Calibration(Line(0.1, -2.0), Line(1.2, 0.5), half=64.0), min_posts=3)
    model = Model(tuple(words), idf, weights, bias=-1.0, threshold=0.5, certainty=certainty)
    return model, law / law.sum()


def measure(
    model: Model, law: np.ndarray, history: int, workshop: Path, chance: np.random.Generator
) -> Figures:
    """Return µs per post by stage, for users with `history` earlier posts."""
    folder = workshop / "model"
    with closing(open_documents(f"sqlite:{workshop / f'{history}.db'}")) as documents:
        metrics = MemoryMetrics()
        vectoriser = TextVectoriser(documents, metrics, str(folder))
        aggregator, transformer = VectorAggregator(MemoryState()), TfidfTransformer(str(folder))
        predictor = LogisticPredictor(MemoryState(), metrics, str(folder))
        for stage in (vectoriser, transformer, predictor):
            stage.setup()
        earlier = past(model, law, history, chance)
        list(
            predictor.transform_many(
                list(transformer.transform_many(list(aggregator.transform_many(earlier))))
            )
        )
        storers = {
            node: storer(node, documents) for node in ("post_storer", "probability_storer", "user_storer")
        }
        took: dict[str, list[float]] = {}
        for number in range(BATCHES):
            texts = posts(model, law, number, chance)
            counts = timed(took, "text_vectoriser", vectoriser.transform_many, texts)
            changes = timed(took, "vector_aggregator", aggregator.transform_many, counts)
            weighed = timed(took, "tfidf_transformer", transformer.transform_many, changes)
            found = timed(took, "logistic_predictor", predictor.transform_many, weighed)
            users = [each for each in found if each.port == "users"]
            timed(took, "alert_manager", AlertManager(MemoryState()).transform_many, users)
            timed(took, "post_storer", storers["post_storer"].consume_many, texts)
            of_texts = [each for each in found if each.port == "texts"]
            timed(took, "probability_storer", storers["probability_storer"].consume_many, of_texts)
            timed(took, "user_storer", storers["user_storer"].consume_many, users)
    return {stage: round(statistics.median(some) / POSTS * 1e6, 2) for stage, some in took.items()}


def storer(name: str, documents: Documents) -> Leaf:
    made = DocumentStorer(documents, **topology.node(name).options)
    made.setup()
    return made


def past(model: Model, law: np.ndarray, history: int, chance: np.random.Generator) -> list[Message]:
    """Return one message per user that stands for all that the user wrote before."""
    messages = []
    for user in range(USERS):
        counts = chance.multinomial(history * WORDS, law).astype(np.int32)
        ids = np.flatnonzero(counts).tolist()
        common = {
            "user": f"user{user}",
            "post_id": "",
            "kind": "comment",
            "created_utc": 0,
            "removed": False,
            "model": model.version,
        }
        messages.append(message({**common, "terms": pack(dict(zip(ids, counts[ids].tolist(), strict=True)))}))
    return messages


def posts(model: Model, law: np.ndarray, batch: int, chance: np.random.Generator) -> list[Message]:
    words = np.array(model.vocabulary)
    drawn = chance.choice(TERMS, (POSTS, WORDS), p=law)
    return [
        message(
            {
                "id": f"t1_{batch}_{number}",
                "author": f"user{chance.integers(USERS)}",
                "kind": "comment",
                "subreddit": "invented",
                "created_utc": 1_546_300_800 + batch * POSTS + number,
                "title": "",
                "body": " ".join(words[terms]),
                "link_id": "t3_a",
                "parent_id": "t3_a",
                "permalink": "",
            }
        )
        for number, terms in enumerate(drawn)
    ]


def timed(
    took: dict[str, list[float]],
    stage: str,
    call: Callable[[Sequence[Message]], Iterable[Message] | None],
    batch: Sequence[Message],
) -> list[Message]:
    started_s = time.process_time()
    results = list(call(batch) or ())
    took.setdefault(stage, []).append(time.process_time() - started_s)
    return results


if __name__ == "__main__":
    main(sys.argv[1:])
