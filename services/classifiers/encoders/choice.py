"""Which encoders a model can be trained with here, by what the commands call them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from msgspec import structs

from catenae import ConfigError
from services.classifiers.encoders import MULTILINGUAL, bge_small_zh
from services.classifiers.encoders.encoder import Encoder
from services.classifiers.encoders.foreign import Foreign
from services.classifiers.encoders.minilm import (
    GRAPH,
    WORDS,
    WORDS_LICENCE,
    minilm_files,
    minilm_missing,
    minilm_weights,
)
from services.classifiers.encoders.multilingual import LONGEST, PACKAGE, MultilingualEncoder
from services.classifiers.encoders.onnx import ONNX, TOKENIZER, OnnxEncoder
from services.classifiers.manifest import Weights


class ChosenEncoder(NamedTuple):
    """An encoder, what a manifest says of it, and the files that a model brings along of it."""

    encoder: Encoder
    weights: Weights
    contents: Mapping[str, bytes]


def _weights(name: str, package: Foreign) -> Weights:
    return Weights(name, package.package, package.version, package.licence, package.sha256, LONGEST)


MULTILINGUAL_WEIGHTS = _weights(MULTILINGUAL, PACKAGE)


def _multilingual() -> ChosenEncoder:
    _require(PACKAGE.missing())
    return ChosenEncoder(MultilingualEncoder(threads=1), MULTILINGUAL_WEIGHTS, {})


def _minilm() -> ChosenEncoder:
    _require(minilm_missing())
    files = minilm_files()
    encoder = OnnxEncoder(files[ONNX], files[TOKENIZER], threads=1)
    return ChosenEncoder(encoder, _weights("minilm-l6-int8", GRAPH), files)


def _require(wrong: str) -> None:
    if wrong:
        raise ConfigError(f"{wrong}, and the extra classify")


def _bge() -> ChosenEncoder:
    _require(bge_small_zh.bge_missing())
    files = bge_small_zh.bge_files()
    said = Weights(
        "bge-small-zh-int8",
        f"{bge_small_zh.GROUP}:{bge_small_zh.NAME}",
        bge_small_zh.VERSION,
        bge_small_zh.LICENCE,
        bge_small_zh.SHA256,
        LONGEST,
    )
    return ChosenEncoder(OnnxEncoder(files[ONNX], files[TOKENIZER], threads=1), said, files)


class Untuned(NamedTuple):
    """An encoder that can be tuned: three files of its package, and what a manifest says of it."""

    config: bytes
    weights: bytes
    tokenizer: bytes
    said: Weights


DEFAULT = "multilingual"
ENCODERS: dict[str, Callable[[], ChosenEncoder]] = {
    DEFAULT: _multilingual,
    "minilm": _minilm,
    "bge-small-zh": _bge,
}
# Others come as what can be run, and not learned from.
TUNABLE = "minilm"


def chosen_encoder(name: str) -> ChosenEncoder:
    """Return the encoder that is called so; raise ConfigError for none, and where it is not installed."""
    if name not in ENCODERS:
        raise ConfigError(f"there is no encoder {name!r}. Give --encoder one of {', '.join(ENCODERS)}")
    return ENCODERS[name]()


def untuned(name: str) -> Untuned:
    """Return the encoder to be tuned; raise ConfigError for one that cannot be, and where it is missing."""
    if name != TUNABLE:
        raise ConfigError(f"encoder {name!r} cannot be tuned. Give --encoder {TUNABLE}, or leave --tune out")
    _require(WORDS.missing())
    tuned = structs.replace(_weights("minilm-l6-tuned", WORDS), licence=WORDS_LICENCE)
    return Untuned(*minilm_weights(), tuned)
