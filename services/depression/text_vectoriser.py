"""First stage: a text becomes the counts of the words the model knows. The text itself goes no further."""

from collections.abc import Iterator

from catenae import Message, Middle
from services.depression.model.counts import count_terms, pack
from services.depression.model.text import own_words
from services.depression.model_shelf import open_model
from services.depression.values import TextCounts
from services.forgetting.request import is_request
from services.reddit.records import OddRow, text_record


class TextVectoriser(Middle):
    """Count the known words of each text. Reads text records; writes `TextCounts`, keyed by user.

    A record with `"removed": true` beside its former text is counted negatively: it is taken away again.
    A row that holds no text of a known author is rejected. A request to forget is passed on with the version
    and the number of terms of the model, which name what there is to forget.
    """

    def __init__(self, model: str) -> None:
        loaded = open_model(model)
        self._index = loaded.index
        self._version = loaded.version

    def transform(self, message: Message) -> Iterator[Message]:
        if is_request(message.value):
            yield message.derive({**message.value, "model": self._version, "terms": len(self._index)})
            return
        try:
            record = text_record(message.value)
        except OddRow as odd:
            yield message.reject(odd.reason)
            return
        removed = message.value.get("removed") is True
        counts = count_terms(own_words(record), self._index)
        value = TextCounts(
            user=record["author"],
            post_id=record["id"],
            kind=record["kind"],
            created_utc=record["created_utc"],
            removed=removed,
            model=self._version,
            terms=pack(counts.negated() if removed else counts),
        )
        yield message.derive(value, key=record["author"])
