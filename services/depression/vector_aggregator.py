"""Second stage: what each post adds to all its user wrote, at a cost that does not grow with it."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from catenae import Message, Middle, State
from services.depression.model.counts import Entries, Ints, lay_out, unpack
from services.depression.model.segments import (
    SEGMENT_TERMS,
    Touched,
    add,
    pack_segments,
    touched,
    unpack_segments,
)
from services.depression.stage import pack_each
from services.depression.values import CountChange, TextCounts


class VectorAggregator(Middle):
    """Keep each user's counts. Reads `TextCounts`; writes `CountChange`.

    Counts are kept apart by the version of the model, whose term ids they are numbered by.
    """

    def __init__(self, segments: State[bytes]) -> None:
        self._segments = segments

    def transform_many(self, messages: Sequence[Message[TextCounts]]) -> Iterator[Message]:
        values: list[TextCounts] = [message.value for message in messages]
        posts = [unpack(value["terms"]) for value in values]
        entries = lay_out([post.ids for post in posts])
        counts = np.concatenate([post.counts for post in posts])
        before = self._add(entries, counts, [f"{value['model']}:{value['user']}" for value in values])
        packed = pack_each(before, [len(post.ids) for post in posts], "<i4")
        for message, value, of_post in zip(messages, values, packed, strict=True):
            change: CountChange = {**value, "before": of_post}
            yield message.derive(change)

    def forget(self, request: Message) -> Iterable[Message]:
        keys = [
            f"{number}:{version}:{request.key}"
            for version, terms in request.value["models"].items()
            for number in range(-(-terms // SEGMENT_TERMS))
        ]
        for key in self._segments.get_many(keys):
            del self._segments[key]
        return (request,)

    def _add(self, entries: Entries, counts: Ints, users: Sequence[str]) -> Ints:
        """Add a batch, reading and writing each segment once; return what each entry found, (entries,)."""
        numbers = {user: number for number, user in enumerate(dict.fromkeys(users))}
        where = touched(entries, np.array([numbers[user] for user in users]))
        keys = _segment_keys(where, list(numbers))
        found = self._segments.get_many(keys)
        segments = unpack_segments([found.get(key, b"") for key in keys])
        before = add(segments, where, counts)
        for key, segment in zip(keys, pack_segments(segments), strict=True):
            self._segments[key] = segment
        return before


def _segment_keys(where: Touched, users: Sequence[str]) -> list[str]:
    pairs = zip(where.numbers.tolist(), where.users.tolist(), strict=True)
    return [f"{number}:{users[user]}" for number, user in pairs]
