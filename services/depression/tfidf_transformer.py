"""Third stage: changes of counts become changes of tf-idf."""

from collections.abc import Iterator, Sequence

import numpy as np

from catenae import Message, Middle
from services.depression.model.artefact import model_of
from services.depression.model.counts import Floats, lay_out, unpack
from services.depression.model.picture import own_tfidf, squared_norm_change, tfidf_change
from services.depression.stage import by_model, pack_each, unpack_each
from services.depression.values import CountChange, TfidfChange, change_of
from services.models.in_use import Models


class TfidfTransformer(Middle):
    """Weight what a post changes by the rarity of its words. Reads `CountChange`; writes `TfidfChange`.

    Remembers nothing: it passes on by how much the user's squared norm changes, and the sum is kept where it
    is used. A message replayed late would otherwise bring an old norm with it.
    """

    def __init__(self, model: str) -> None:
        self._models = Models(model, model_of)

    def setup(self) -> None:
        self._models.open()

    def teardown(self) -> None:
        self._models.close()

    def transform_many(self, messages: Sequence[Message[CountChange]]) -> Iterator[Message]:
        for model, some in by_model(messages, self._models):
            yield from some if model is None else self._transform(some, model.idf)

    def _transform(self, messages: Sequence[Message], idf: Floats) -> Iterator[Message]:
        posts = [unpack(message.value["terms"]) for message in messages]
        entries = lay_out([post.ids for post in posts])
        counts = np.concatenate([post.counts for post in posts])
        before = np.concatenate(unpack_each([message.value["before"] for message in messages], "<i4"))
        lengths = [len(post.ids) for post in posts]
        change = tfidf_change(entries, counts, idf)
        columns = zip(
            messages,
            pack_each(entries.ids, lengths, "<i4"),
            pack_each(change, lengths, "<f8"),
            pack_each(own_tfidf(entries, change), lengths, "<f8"),
            squared_norm_change(entries, counts, before, idf).tolist(),
            strict=True,
        )
        for message, ids, of_post, own, squared in columns:
            value: TfidfChange = {
                **change_of(message.value),
                "ids": ids,
                "change": of_post,
                "own": own,
                "squared_norm_change": squared,
            }
            yield message.derive(value)
