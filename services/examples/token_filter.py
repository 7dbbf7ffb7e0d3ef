"""Token filter: texts are generated, made into tokens, filtered by a list, and what is left is counted."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from catenae import ConfigError, Documents, Leaf, Message, Middle, Source, State

_TOKEN = re.compile(r"\w+")


class TextSource(Source):
    """Read a UTF-8 file, a text per line. Writes texts; the position is the byte after the last line read."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ConfigError(f"option 'path' of TextSource is {str(path)!r}, which is no file. Name one")
        self._path = path

    def generate(self, position: int | None) -> Iterator[Message]:
        with self._path.open("rb") as lines:
            lines.seek(position or 0)
            while line := lines.readline():
                yield Message(line.decode().strip(), position=lines.tell())


class Tokeniser(Middle):
    """Split each text into its words in lower case. Reads texts; writes tokens, keyed by themselves."""

    def transform(self, message: Message) -> Iterator[Message]:
        for token in _TOKEN.findall(message.value.lower()):
            yield message.derive(token, key=token)


class TokenFilter(Middle):
    """Pass on the tokens of a given list. Reads and writes tokens."""

    def __init__(self, keep: Sequence[str]) -> None:
        self._keep = frozenset(keep)

    def transform(self, message: Message) -> Iterator[Message]:
        if message.value in self._keep:
            yield message.derive(message.value)


class TokenCounter(Leaf):
    """Count tokens. Reads tokens, keyed by themselves; keeps {"id": token, "count": int} in `tokens`."""

    def __init__(self, counts: State[int], documents: Documents) -> None:
        self._counts = counts
        self._documents = documents

    def consume(self, message: Message) -> None:
        token = message.value
        count = self._counts.get(token, 0) + 1
        self._counts[token] = count
        self._documents.upsert("tokens", [{"id": token, "count": count}])
