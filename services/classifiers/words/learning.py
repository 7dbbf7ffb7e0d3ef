"""How a network learns: batch by batch, until it errs little enough, or has seen as many as it may."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import optax

from services.classifiers.kinds.network import side_by_side
from services.classifiers.kinds.words import WordNumbers
from services.classifiers.measures import Bools
from services.classifiers.words import ERROR, ITERATIONS
from services.classifiers.words.network import Shape, Weights, logits_of
from services.depression.progress import Progress
from services.depression.recipe import TrainingError
from services.models.arrays import Floats

# Batches over which an error is a mean.
_LATEST = 50
_TOGETHER = 256
_LAST_RATE = 0.05


@dataclass(frozen=True, slots=True)
class Learning:
    """The choices of a learning.

    iterations  batches that it sees at most
    error       mean cross entropy of the latest 50 batches at which it stops
    most_words  of a text that it reads
    rate        of learning, at its highest
    """

    iterations: int = ITERATIONS
    error: float = ERROR
    most_words: int = 32
    batch_posts: int = 64
    rate: float = 3e-3
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """Texts as numbers of words, none of them empty, and which are positive."""

    texts: Sequence[WordNumbers]
    truth: Bools


def learn(
    start: Weights, shape: Shape, posts: Told, learning: Learning, progress: Progress
) -> tuple[Weights, list[float]]:
    """Return the weights at the end, and the loss of each iteration.

    Both classes weigh the same, however few posts one of them has. Raises TrainingError where numbers grow
    beyond all bounds.
    """
    rate = optax.cosine_decay_schedule(learning.rate, learning.iterations, _LAST_RATE)
    optimise = optax.chain(optax.clip_by_global_norm(1.0), optax.adam(rate))
    update = _update(shape, optimise)
    weights: Any = {name: jax.numpy.asarray(each) for name, each in start.items()}
    state = optimise.init(weights)
    share = float(np.mean(posts.truth))
    of_class = np.array([0.5 / max(1 - share, 1e-9), 0.5 / max(share, 1e-9)], np.float32)
    losses: list[float] = []
    for numbers in _batches(len(posts.texts), learning):
        ids, lengths = side_by_side([posts.texts[number] for number in numbers], learning.most_words)
        truth = posts.truth[numbers].astype(np.int32)
        weights, state, loss = update(weights, state, ids, lengths, truth, of_class[truth])
        losses.append(float(loss))
        progress(len(losses), learning.iterations)
        if not np.isfinite(losses[-1]):
            raise TrainingError(f"iteration {len(losses)}: the loss is no number. Train on other posts")
        if len(losses) >= _LATEST and np.mean(losses[-_LATEST:]) <= learning.error:
            break
    return {name: np.asarray(each) for name, each in weights.items()}, losses


def log_odds_of_all(weights: Weights, shape: Shape, texts: Sequence[WordNumbers], most_words: int) -> Floats:
    """Return the log-odds of texts, none of them empty, (texts,)."""
    judge = jax.jit(lambda weights, ids, lengths: logits_of(weights, shape, ids, lengths))
    found = [np.empty(0)]
    for start in range(0, len(texts), _TOGETHER):
        some = texts[start : start + _TOGETHER]
        # Always as many, or each number of them would be compiled.
        logits = np.asarray(
            judge(weights, *side_by_side([*some, *[[1]] * (_TOGETHER - len(some))], most_words))
        )
        found.append((logits[:, 1] - logits[:, 0])[: len(some)].astype(np.float64))
    return np.concatenate(found)


def _update(shape: Shape, optimise: Any) -> Callable[..., tuple[Any, Any, Any]]:
    def loss(weights: Any, ids: Any, lengths: Any, truth: Any, weight: Any) -> Any:
        logits = logits_of(weights, shape, ids, lengths)
        each = optax.softmax_cross_entropy_with_integer_labels(logits, truth)
        return (weight * each).sum() / weight.sum()

    def update(weights: Any, state: Any, *batch: Any) -> tuple[Any, Any, Any]:
        lost, slopes = jax.value_and_grad(loss)(weights, *batch)
        changes, state = optimise.update(slopes, state, weights)
        return optax.apply_updates(weights, changes), state, lost

    quick: Callable[..., tuple[Any, Any, Any]] = jax.jit(update)
    return quick


def _batches(posts: int, learning: Learning) -> Iterator[Any]:
    """Yield numbers of posts, always as many: all of them in an order, then in another, and so on."""
    chance = np.random.default_rng(learning.seed)
    left = np.empty(0, np.intp)
    for _ in range(learning.iterations):
        while len(left) < learning.batch_posts:
            left = np.concatenate([left, chance.permutation(posts)])
        yield left[: learning.batch_posts]
        left = left[learning.batch_posts :]
