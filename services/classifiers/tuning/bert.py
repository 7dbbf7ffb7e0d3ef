"""BERT as a sentence encoder, in JAX; weights keep the names that they have in files.

Source: Devlin et al. 2019; the mean of the tokens as the point of a text: Reimers and Gurevych 2019.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from services.classifiers.tuning.tensors import Tensors, tensors_of

# JAX's; its types are known only where it is installed.
Array = Any
Weights = Mapping[str, Array]

EMBEDDINGS = "embeddings"
_UNUSED = "pooler."
# Less than any score, and finite: where all tokens are none, nothing is divided by nothing.
_NEVER = -1e9
_NO_LENGTH = 1e-24


@dataclass(frozen=True, slots=True)
class Shape:
    """What a network is like, whatever its weights: heads share the numbers of a token among them."""

    layers: int
    heads: int
    epsilon: float


def read_bert(config: bytes, weights: bytes) -> tuple[Shape, Tensors]:
    """Return the encoder of two files, of configuration and safetensors; raise ValueError for no BERT."""
    said: dict[str, Any] = json.loads(config)
    kind = (said["model_type"], said["hidden_act"], said["position_embedding_type"])
    if kind != ("bert", "gelu", "absolute"):
        raise ValueError(f"an encoder of kind {kind}, where one of BERT is needed")
    shape = Shape(said["num_hidden_layers"], said["num_attention_heads"], said["layer_norm_eps"])
    tensors = tensors_of(weights)
    return shape, {name: each for name, each in tensors.items() if not name.startswith(_UNUSED)}


def points_of(weights: Weights, shape: Shape, ids: Array, mask: Array) -> Array:
    """Return the point of each text, of unit length: (texts, dimensions).

    ids, mask  (texts, tokens)  numbers of tokens, and 1 where there is one, 0 where a text has ended
    """
    tokens = token_points(weights, shape, ids, mask)
    there = mask[:, :, None].astype(tokens.dtype)
    mean = (tokens * there).sum(axis=1) / jnp.maximum(there.sum(axis=1), 1)
    # A length has no slope at 0, where a row is that only fills its batch up.
    squares = jnp.square(mean).sum(axis=1, keepdims=True)
    return mean / jnp.sqrt(jnp.maximum(squares, _NO_LENGTH))


def token_points(weights: Weights, shape: Shape, ids: Array, mask: Array) -> Array:
    """Return the points of tokens: (texts, tokens, dimensions)."""
    found = (
        weights[f"{EMBEDDINGS}.word_embeddings.weight"][ids]
        + weights[f"{EMBEDDINGS}.position_embeddings.weight"][: ids.shape[1]]
        + weights[f"{EMBEDDINGS}.token_type_embeddings.weight"][0]
    )
    found = _normed(weights, f"{EMBEDDINGS}.LayerNorm", shape, found)
    for layer in range(shape.layers):
        found = _layer(weights, f"encoder.layer.{layer}", shape, found, mask)
    return found


def _layer(weights: Weights, name: str, shape: Shape, found: Array, mask: Array) -> Array:
    attended = _linear(
        weights, f"{name}.attention.output.dense", _attended(weights, name, shape, found, mask)
    )
    found = _normed(weights, f"{name}.attention.output.LayerNorm", shape, found + attended)
    inner = jax.nn.gelu(_linear(weights, f"{name}.intermediate.dense", found), approximate=False)
    outer = _linear(weights, f"{name}.output.dense", inner)
    return _normed(weights, f"{name}.output.LayerNorm", shape, found + outer)


def _attended(weights: Weights, name: str, shape: Shape, found: Array, mask: Array) -> Array:
    texts, tokens, dimensions = found.shape
    query, key, value = (
        _linear(weights, f"{name}.attention.self.{part}", found).reshape(texts, tokens, shape.heads, -1)
        for part in ("query", "key", "value")
    )
    scores = jnp.einsum("tqhd,tkhd->thqk", query, key) / (dimensions // shape.heads) ** 0.5
    scores = jnp.where(mask[:, None, None, :] > 0, scores, _NEVER)
    return jnp.einsum("thqk,tkhd->tqhd", jax.nn.softmax(scores), value).reshape(found.shape)


def _linear(weights: Weights, name: str, found: Array) -> Array:
    return found @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def _normed(weights: Weights, name: str, shape: Shape, found: Array) -> Array:
    mean = found.mean(axis=-1, keepdims=True)
    spread = jnp.square(found - mean).mean(axis=-1, keepdims=True)
    unit = (found - mean) / jnp.sqrt(spread + shape.epsilon)
    return unit * weights[f"{name}.weight"] + weights[f"{name}.bias"]
