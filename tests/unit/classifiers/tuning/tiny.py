"""A BERT of a few numbers and a tokeniser of a few words, as files: what is tuned in tests.

Run as a program, it tunes that on made-up posts into the folder named: `python -m …tiny FOLDER`.
"""

import json
import random
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers

from services.classifiers.encoders.choice import Untuned
from services.classifiers.labelled import Labelled, LabelledPost, each_once
from services.classifiers.manifest import Weights
from services.classifiers.training import HeadRecipe
from services.classifiers.tuning.command import run_tuning
from services.classifiers.tuning.network import Tuning

OTHERS = ("tea", "rain", "sun", "day", "we", "it", "and", "all")
WORDS = ("[PAD]", "[UNK]", "so", "sad", "glad", *OTHERS)
SIZE, INNER, LAYERS, HEADS = 12, 24, 2, 3
CONFIG = {
    "model_type": "bert",
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "layer_norm_eps": 1e-12,
}
RECIPE = HeadRecipe("low mood", ("case", "spaces"), seed=3)
TUNING = Tuning(epochs=3, batch_texts=8, rate=1e-2, most_tokens=16)


def shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor, by name, of one that is not used as well."""
    found: dict[str, tuple[int, ...]] = {"pooler.dense.weight": (SIZE, SIZE)}
    rows = {"word": len(WORDS), "position": 300, "token_type": 2}
    found |= {f"embeddings.{name}_embeddings.weight": (size, SIZE) for name, size in rows.items()}
    norms = ["embeddings.LayerNorm"]
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        norms += [f"{layer}.attention.output.LayerNorm", f"{layer}.output.LayerNorm"]
        parts = [*(f"attention.self.{part}" for part in ("query", "key", "value")), "attention.output.dense"]
        found |= {f"{layer}.{part}.weight": (SIZE, SIZE) for part in parts}
        found |= {f"{layer}.{part}.bias": (SIZE,) for part in parts}
        found |= {
            f"{layer}.intermediate.dense.weight": (INNER, SIZE),
            f"{layer}.intermediate.dense.bias": (INNER,),
            f"{layer}.output.dense.weight": (SIZE, INNER),
            f"{layer}.output.dense.bias": (SIZE,),
        }
    return found | {f"{norm}.{part}": (SIZE,) for norm in norms for part in ("weight", "bias")}


def safetensors() -> bytes:
    """Return the file of such tensors, of numbers that chance has drawn."""
    chance = np.random.default_rng(1)
    head: dict[str, object] = {"__metadata__": {"format": "pt"}}
    numbers = b""
    for name, shape in shapes().items():
        near = 1.0 if name.endswith("LayerNorm.weight") else 0.0
        content = (near + 0.3 * chance.standard_normal(shape)).astype("<f4").tobytes()
        offsets = [len(numbers), len(numbers) + len(content)]
        head[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": offsets}
        numbers += content
    told = json.dumps(head).encode()
    return len(told).to_bytes(8, "little") + told + numbers


def tokenizer() -> bytes:
    made = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, "[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    content: str = made.to_str()
    return content.encode()


def untuned() -> Untuned:
    said = Weights("tiny", "tiny-package", "1.0", "CC0-1.0", "0" * 64, 2000)
    return Untuned(json.dumps(CONFIG).encode(), safetensors(), tokenizer(), said)


def written(posts: int = 125) -> Labelled:
    """Return posts of which every other one is sad, in one word among others."""
    chance = random.Random(2)
    rows = []
    for number in range(posts):
        some = chance.choices(OTHERS, k=chance.randint(3, 12))
        some.insert(chance.randint(0, len(some)), "glad" if number % 2 else "sad")
        rows.append(LabelledPost(" ".join(some), number % 2 == 0))
    return each_once(rows)


if __name__ == "__main__":
    run_tuning(written(), None, Path(sys.argv[1]), untuned(), RECIPE, TUNING)
