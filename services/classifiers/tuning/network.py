"""What is learned: an encoder and a linear head on its points, and the steps by which both are."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

from services.classifiers.encoders.encoder import Points
from services.classifiers.measures import Bools
from services.classifiers.tuning.bert import Array, Shape, Weights, points_of

# Texts of a batch have as many tokens as a multiple of this: a step is compiled for each number.
_TOKENS = 16
# Share of the steps in which the rate rises.
_WARMING = 0.1
_TOGETHER = 64
_DECAY = 0.01

Whole = npt.NDArray[np.int32]
Tokens = Sequence[Sequence[int]]
# {"encoder": weights by name, "head": (dimensions,), "bias": ()}
Network = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tuning:
    """The choices of a tuning.

    rate         of learning, at its highest
    most_tokens  of a text, that are learned from
    """

    epochs: int = 3
    batch_texts: int = 32
    rate: float = 5e-5
    most_tokens: int = 128
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Learned:
    """Posts as numbers of tokens, and which are positive."""

    tokens: Tokens
    truth: Bools


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts side by side: (texts, tokens) and (texts,). What only fills the batch up weighs nothing."""

    ids: Whole
    mask: Whole
    truth: npt.NDArray[np.float32]
    weight: npt.NDArray[np.float32]


Update = Callable[[Network, Any, Batch], tuple[Network, Any, Array, Array]]


def optimiser(tuning: Tuning, steps: int) -> Any:
    """Return AdamW whose rate rises, then falls along a cosine. Source: Loshchilov and Hutter 2019."""
    warming = max(1, round(_WARMING * steps))
    rate = optax.warmup_cosine_decay_schedule(0.0, tuning.rate, warming, max(steps, warming + 1))
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate, weight_decay=_DECAY))


def log_odds_of(network: Network, shape: Shape, ids: Array, mask: Array) -> Array:
    """Return what the network makes of texts, (texts,)."""
    return points_of(network["encoder"], shape, ids, mask) @ network["head"] + network["bias"]


def update(shape: Shape, optimise: Any) -> Update:
    """Return what learns from a batch; it returns the loss and the log-odds of before, too."""

    def loss(network: Network, ids: Array, mask: Array, truth: Array, weight: Array) -> tuple[Array, Array]:
        odds = log_odds_of(network, shape, ids, mask)
        each = optax.sigmoid_binary_cross_entropy(odds, truth)
        return (weight * each).sum() / jnp.maximum(weight.sum(), 1e-9), odds

    def learn(network: Network, state: Any, *batch: Array) -> tuple[Network, Any, Array, Array]:
        (lost, odds), slopes = jax.value_and_grad(loss, has_aux=True)(network, *batch)
        changes, state = optimise.update(slopes, state, network)
        return optax.apply_updates(network, changes), state, lost, odds

    quick: Any = jax.jit(learn)
    return lambda network, state, batch: quick(
        network, state, batch.ids, batch.mask, batch.truth, batch.weight
    )


def batches(posts: Learned, order: Sequence[int], batch_texts: int) -> Iterator[tuple[list[int], Batch]]:
    """Yield the numbers of posts, in this order, and each time so many side by side.

    Both classes weigh the same, however few posts one of them has.
    """
    share = float(np.mean(posts.truth))
    of_class = {True: 0.5 / max(share, 1e-9), False: 0.5 / max(1 - share, 1e-9)}
    for start in range(0, len(order), batch_texts):
        numbers = list(order[start : start + batch_texts])
        ids, mask = _side_by_side([posts.tokens[number] for number in numbers], batch_texts)
        truth, weight = np.zeros((2, batch_texts), np.float32)
        truth[: len(numbers)] = posts.truth[numbers]
        weight[: len(numbers)] = [of_class[bool(posts.truth[number])] for number in numbers]
        yield numbers, Batch(ids, mask, truth, weight)


def points_of_all(weights: Weights, shape: Shape, tokens: Tokens) -> Points:
    """Return the points of posts: (posts, dimensions)."""
    judge: Any = jax.jit(lambda weights, ids, mask: points_of(weights, shape, ids, mask))
    found = []
    for start in range(0, len(tokens), _TOGETHER):
        some = tokens[start : start + _TOGETHER]
        found.append(np.asarray(judge(weights, *_side_by_side(some, _TOGETHER)))[: len(some)])
    points: Points = np.concatenate(found)
    return points


def _side_by_side(tokens: Tokens, rows: int) -> tuple[Whole, Whole]:
    longest = max(map(len, tokens))
    ids = np.zeros((rows, -(-longest // _TOKENS) * _TOKENS), np.int32)
    mask = np.zeros_like(ids)
    for row, each in enumerate(tokens):
        ids[row, : len(each)] = each
        mask[row, : len(each)] = 1
    return ids, mask
