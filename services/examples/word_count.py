"""Word count: lines of text in; {"word": str, "count": int}, keyed by word, out whenever a word is seen."""

from collections.abc import Iterator

from catenae import Message, Middle, State


class WordSplitter(Middle):
    """Split a text into its words, each keyed by itself, so that all equal ones meet in one instance."""

    def transform(self, message: Message) -> Iterator[Message]:
        for word in message.value.lower().split():
            yield message.derive(word, key=word)


class WordCount(Middle):
    """Count how often each word was seen, exactly."""

    def __init__(self, counts: State[int]) -> None:
        self._counts = counts

    def transform(self, message: Message) -> Iterator[Message]:
        word = message.value
        count = self._counts.get(word, 0) + 1
        self._counts[word] = count
        yield message.derive({"word": word, "count": count})
