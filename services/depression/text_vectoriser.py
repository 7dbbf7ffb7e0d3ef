"""First stage: a text becomes the counts of the words the model knows. The text itself goes no further."""

from collections.abc import Iterable, Iterator

from catenae import Documents, Message, Metrics, Middle
from services.depression.drifting import Drifting
from services.depression.model.artefact import Model, model_of
from services.depression.model.counts import count_words, pack
from services.depression.model.drift_watch import WordWatch
from services.depression.stage import NO_SUCH_MODEL
from services.depression.values import TextCounts
from services.models.in_use import Models
from services.reddit.records import OddRow, TextRow, text_record
from services.screenings import documents_of

# Where the probability after each post is stored, by the post's id, with the version that gave it.
PROBABILITIES = "probabilities"


class TextVectoriser(Middle):
    """Count the known words of each text. Reads text records; writes `TextCounts`, keyed by user.

    A record with `"removed": true` beside its former text is counted negatively: it is taken away again, from
    the picture by the version that it was counted by, as its stored probability says.
    A row that holds no text of a known author is rejected. A request to forget goes on with
    the versions of the model and their numbers of terms, which name what there is to forget.

    The model is the one that is in use when a text comes: another takes over while this runs, and what comes
    from then on is counted by it. Nothing is counted again.

    The gauge `drift_words` says how far the share of words that it knows is from that of the training.

    screening  whose probabilities are looked up, where there are several screenings
    """

    def __init__(self, documents: Documents, metrics: Metrics, model: str, screening: str = "") -> None:
        self._documents = documents_of(documents, screening)
        self._models = Models(model, model_of)
        self._drift = Drifting(metrics, "drift_words", WordWatch)

    def setup(self) -> None:
        self._models.open()

    def teardown(self) -> None:
        self._models.close()

    def transform(self, message: Message[TextRow]) -> Iterator[Message]:
        try:
            record = text_record(message.value)
        except OddRow as odd:
            yield message.reject(odd.reason)
            return
        removed = message.value.get("removed") is True
        model = self._counted_by(record["id"]) if removed else self._models.current()
        if model is None:
            yield message.reject(NO_SUCH_MODEL)
            return
        words, unknown = count_words(model.reading.own_words(record), model.index, model.reading)
        if not removed:
            self._drift.of(model).note(record["author"], known := sum(words.values()), known + unknown)
            self._drift.tell()
        value: TextCounts = {
            "user": record["author"],
            "post_id": record["id"],
            "kind": record["kind"],
            "created_utc": record["created_utc"],
            "removed": removed,
            "model": model.version,
            "terms": pack(words, removed=removed),
        }
        yield message.derive(value, key=record["author"])

    def forget(self, request: Message) -> Iterable[Message]:
        self._drift.forget(request.key)
        terms = {version: len(model.vocabulary) for version, model in self._models.all().items()}
        return (request._replace(value={**(request.value or {}), "models": terms}),)

    def _counted_by(self, post_id: str) -> Model | None:
        """Return the model that a post was counted by, the one in use if the post has no probability yet."""
        found = self._documents.get(PROBABILITIES, post_id)
        return self._models.current() if found is None else self._models.of(found["model"])
