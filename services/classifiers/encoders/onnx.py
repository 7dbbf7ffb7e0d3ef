"""Any encoder as an ONNX graph and a tokeniser, both files of the model itself.

encoder.onnx    takes input_ids and any of attention_mask, token_type_ids: (1, tokens) whole numbers;
                returns points of tokens (1, tokens, dimensions), of which the mean is the text's, or of the
                text itself (1, dimensions)
tokenizer.json  as the library tokenizers writes it

Texts run one by one. What a quantised graph makes of a text may depend on what is padded beside it.
"""

from collections.abc import Sequence

import numpy as np

from services.classifiers.encoders.encoder import Points
from services.classifiers.encoders.onnx_session import open_session, tried

ONNX, TOKENIZER = "encoder.onnx", "tokenizer.json"
MOST_TOKENS = 256

_TAKES = ("input_ids", "attention_mask", "token_type_ids")
# Some word of any language, to see what comes out.
_PROBE = "hello"
_WANTED = "encoder"


class OnnxEncoder:
    """Encodes texts with so many threads.

    Raises ValueError for files that make no encoder, ImportError without the extra classify.
    """

    def __init__(self, graph: bytes, tokenizer: bytes, threads: int) -> None:
        # Only what runs such a model has it installed.
        from tokenizers import Tokenizer  # noqa: PLC0415

        self._session = open_session(graph, threads, _WANTED)
        self._tokenizer = tried(lambda: Tokenizer.from_str(tokenizer.decode()), _WANTED)
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._takes = [each.name for each in self._session.get_inputs()]
        if _TAKES[0] not in self._takes or not set(self._takes) <= set(_TAKES):
            raise ValueError(f"a graph that takes {self._takes}, where an encoder takes {_TAKES}")
        self.dimensions = 0
        self.dimensions = len(tried(lambda: self._encode(_PROBE), _WANTED))
        if not self.dimensions:
            raise ValueError("no encoder: a tokeniser that finds nothing in a word")

    def encode(self, texts: Sequence[str]) -> Points:
        points = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            points[row] = self._encode(text)
        return points

    def _encode(self, text: str) -> Points:
        tokens = self._tokenizer.encode(text.encode("utf-8", "replace").decode("utf-8")).ids
        ids = np.array([tokens], np.int64)
        given = dict(zip(_TAKES, (ids, np.ones_like(ids), np.zeros_like(ids)), strict=True))
        if not tokens:
            return np.zeros(self.dimensions, np.float32)
        found = self._session.run(None, {name: given[name] for name in self._takes})[0]
        point = np.asarray(found, np.float32)
        if point.ndim == 3:
            point = point.mean(axis=1)
        if point.ndim != 2 or len(point) != 1 or not np.all(np.isfinite(point)):
            raise ValueError(f"a graph that returns {point.shape}, where an encoder returns (1, dimensions)")
        unit: Points = point[0] / max(float(np.linalg.norm(point[0])), 1e-12)
        return unit
