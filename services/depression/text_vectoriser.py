"""First stage: a text becomes the counts of the words the model knows. The text itself goes no further."""

from collections.abc import Iterator

from catenae import Message, Middle
from services.depression.model.counts import count_terms, pack
from services.depression.model.text import own_words
from services.depression.models import Models
from services.depression.values import TextCounts
from services.forgetting.request import is_request
from services.reddit.records import OddRow, text_record


class TextVectoriser(Middle):
    """Count the known words of each text. Reads text records; writes `TextCounts`, keyed by user.

    A record with `"removed": true` beside its former text is counted negatively: it is taken away again.
    A row that holds no text of a known author is rejected. A request to forget is passed on with
    the versions of the model and their numbers of terms, which name what there is to forget.

    The model is the one that is in use when a text comes: another takes over while this runs, and what comes
    from then on is counted by it. Nothing is counted again.
    """

    def __init__(self, model: str) -> None:
        self._models = Models(model)

    def setup(self) -> None:
        self._models.open()

    def transform(self, message: Message) -> Iterator[Message]:
        if is_request(message.value):
            yield message.derive({**message.value, "models": self._models.terms()})
            return
        try:
            record = text_record(message.value)
        except OddRow as odd:
            yield message.reject(odd.reason)
            return
        removed = message.value.get("removed") is True
        model = self._models.current()
        counts = count_terms(own_words(record), model.index)
        value = TextCounts(
            user=record["author"],
            post_id=record["id"],
            kind=record["kind"],
            created_utc=record["created_utc"],
            removed=removed,
            model=model.version,
            terms=pack(counts.negated() if removed else counts),
        )
        yield message.derive(value, key=record["author"])
