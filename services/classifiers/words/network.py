"""A network that reads words in order: convolution or none, three layers of LSTM, two classes.

Source: Zuo, Informatica 48, 2024: 64 kernels of 2 words by 100 dimensions, stride 1; layers of 32, 64 and
128; softmax. What follows the convolution it does not say: ReLU here. Gates are in the order of ONNX: in,
out, forget, cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from services.classifiers.encoders.encoder import Points

LAYERS = (32, 64, 128)
KERNELS, KERNEL_WORDS = 64, 2
_CLASSES = 2

Array = Any
Weights = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a network is. `kernels` is 0 without a convolution."""

    kernels: int
    layers: tuple[int, ...] = LAYERS


def first_weights(shape: Shape, vectors: Points, seed: int) -> dict[str, Points]:
    """Return the weights of a network that has learned nothing but vectors (words, dimensions).

    Source of their spread: Glorot and Bengio 2010; of forget gates that begin open: Jozefowicz et al. 2015.
    """
    chance = np.random.default_rng(seed)

    def spread(rows: int, columns: int) -> Points:
        most = (6 / (rows + columns)) ** 0.5
        return chance.uniform(-most, most, (rows, columns)).astype(np.float32)

    width = vectors.shape[1]
    # What follows a text is no word, and is nothing.
    weights = {"table": np.concatenate([np.zeros((1, width), np.float32), vectors])}
    if shape.kernels:
        weights["kernels"] = spread(KERNEL_WORDS * width, shape.kernels)
        weights["kernels.bias"] = np.zeros(shape.kernels, np.float32)
        width = shape.kernels
    for number, size in enumerate(shape.layers):
        weights[f"layer{number}.input"] = spread(width, 4 * size)
        weights[f"layer{number}.state"] = spread(size, 4 * size)
        bias = np.zeros(4 * size, np.float32)
        bias[2 * size : 3 * size] = 1
        weights[f"layer{number}.bias"] = bias
        width = size
    weights["head"] = spread(width, _CLASSES)
    weights["head.bias"] = np.zeros(_CLASSES, np.float32)
    return weights


def logits_of(weights: Weights, shape: Shape, ids: Array, lengths: Array) -> Array:
    """Return what the network makes of texts, (texts, classes).

    ids      (texts, words)  numbers of words, a 0 at the end of each text at least
    lengths  (texts,)        how many words each has
    """
    found = weights["table"][ids] * (ids > 0)[..., None]
    if shape.kernels:
        pairs = jnp.concatenate([found[:, :-1], found[:, 1:]], axis=-1)
        found = jax.nn.relu(pairs @ weights["kernels"] + weights["kernels.bias"])
    else:
        found = found[:, :-1]
    found = jnp.swapaxes(found, 0, 1)
    is_there = (jnp.arange(len(found))[:, None] < lengths)[..., None]
    last = found[0]
    for number in range(len(shape.layers)):
        found, last = _layer(weights, f"layer{number}", found, is_there)
    return last @ weights["head"] + weights["head.bias"]


def _layer(weights: Weights, name: str, found: Array, is_there: Array) -> tuple[Array, Array]:
    """Return the states of a layer, (words, texts, size), and of each text the last, (texts, size)."""
    gates = found @ weights[f"{name}.input"] + weights[f"{name}.bias"]
    state_weights = weights[f"{name}.state"]
    size = len(state_weights)

    def step(before: tuple[Array, Array], word: tuple[Array, Array]) -> tuple[tuple[Array, Array], Array]:
        state, cell = before
        all_gates = word[0] + state @ state_weights
        taken, told, kept = jnp.split(jax.nn.sigmoid(all_gates[:, : 3 * size]), 3, axis=-1)
        now = kept * cell + taken * jnp.tanh(all_gates[:, 3 * size :])
        # After its end a text stays as it was.
        state = jnp.where(word[1], told * jnp.tanh(now), state)
        return (state, jnp.where(word[1], now, cell)), state

    nothing = jnp.zeros((found.shape[1], size))
    (last, _), states = jax.lax.scan(step, (nothing, nothing), (gates, is_there))
    return states, last
