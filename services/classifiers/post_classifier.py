"""The node that runs a classifier of any kind: texts in, evidence out. The texts go no further."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from catenae import ConfigError, Message, Middle
from services.classifiers.classifier import Judgement, Post, PostClassifier
from services.classifiers.kinds import classifiers
from services.classifiers.values import PostEvidence
from services.images.values import IllustratedRow
from services.models.folder import ModelFiles
from services.models.in_use import Models
from services.reddit.records import OddRow, TextRecord, text_record

NOT_JUDGED = Judgement(0.0, modality="none")


M = TypeVar("M", bound=PostClassifier)
Classify = Callable[[Sequence[Post], int], Sequence[Judgement]]


class Judge(Generic[M]):
    """What judges posts in batches, by the model that is in use. Not thread-safe.

    service  the name of who asks, for its errors
    kind     returns what makes a model that computes with so many threads; the rest as `PostJudge` has it
    """

    def __init__(  # noqa: PLR0913, PLR0917  options
        self,
        service: str,
        kind: Callable[[int], Callable[[ModelFiles], M]],
        model: str,
        words: int,
        threads: int,
        batch_posts: int,
        batch_bytes: int,
    ) -> None:
        for name, value in (("threads", threads), ("batch_posts", batch_posts), ("batch_bytes", batch_bytes)):
            if value < 1:
                raise ConfigError(f"option {name!r} of {service} is {value}; give 1 or more")
        self._models = Models(model, kind(threads))
        self._words = words
        self._batch_posts = batch_posts
        self._batch_bytes = batch_bytes
        self.open = self._models.open
        self.close = self._models.close
        self.current = self._models.current
        self.of = self._models.of

    def in_batches(self, classify: Classify, posts: Sequence[Post]) -> Iterator[Judgement]:
        """Yield what a model says of each post, asked in one of its ways."""
        for batch in batches(posts, self._batch_posts, self._batch_bytes):
            yield from classify(batch, self._words)


class PostJudge(Middle):
    """Judge each post by the model in use. Reads text records; writes `PostEvidence`, keyed by user.

    Posts that an `ImageFetcher` has passed on are judged with their thumbnails. Posts are judged in batches,
    as that pays; what is in a batch changes nothing about what is said. A record with `"removed": true` is
    passed on unjudged; a row that holds no text of a known author is rejected. Another version of the model
    takes over while this runs, and nothing is judged again.

    model        folder of a model of any kind, or `STORE_URL#NAME[@VERSION]`
    words        how many to name, at most, of those that weighed most, where the kind can say so
    threads      the most that the model computes with
    batch_posts  the most that are judged together
    batch_bytes  about the most text that is, in bytes; a longer one is judged alone
    """

    def __init__(
        self,
        model: str,
        words: int = 10,
        threads: int = 1,
        batch_posts: int = 64,
        batch_bytes: int = 256 * 1024,
    ) -> None:
        self._judge = Judge("PostJudge", classifiers, model, words, threads, batch_posts, batch_bytes)

    def setup(self) -> None:
        self._judge.open()

    def teardown(self) -> None:
        self._judge.close()

    def transform_many(self, messages: Sequence[Message[IllustratedRow]]) -> Iterator[Message]:
        model = self._judge.current()
        rows = [row_of(message) for message in messages]
        posts = [Post(model.own_words(row.post), images=row.thumbnails) for row in rows if row.post]
        judged = self._judge.in_batches(model.classify, posts)
        for row in rows:
            if row.record is None:
                yield row.message.reject(row.odd)
                continue
            said = NOT_JUDGED if row.is_removed else next(judged)
            yield row.message.derive(
                evidence_of(row.record, said, model, is_removed=row.is_removed), key=row.record["author"]
            )


class Row(NamedTuple):
    """A message, and its text record, or why it holds none."""

    message: Message
    record: TextRecord | None
    odd: str
    is_removed: bool

    @property
    def thumbnails(self) -> list[bytes]:
        """What was passed on of the post's images, those of which there is nothing left out."""
        found = [each["pixels"] for each in self.message.value.get("thumbnails") or ()]
        return [pixels for pixels in found if pixels]

    @property
    def post(self) -> TextRecord | None:
        """The record of a post that is there to be judged."""
        return None if self.is_removed else self.record


def row_of(message: Message) -> Row:
    """Return the row that a message holds."""
    try:
        return Row(message, text_record(message.value), "", message.value.get("removed") is True)
    except OddRow as odd:
        return Row(message, None, odd.reason, is_removed=False)


def evidence_of(
    record: TextRecord, said: Judgement, model: PostClassifier, *, is_removed: bool
) -> PostEvidence:
    """Return what is sent of a post that was judged, or is taken away."""
    return PostEvidence(
        user=record["author"],
        post_id=record["id"],
        kind=record["kind"],
        created_utc=record["created_utc"],
        removed=is_removed,
        model=model.version,
        probability=said.probability,
        threshold=model.threshold,
        min_posts=model.min_posts,
        words=[[word, weight] for word, weight in said.words],
        modality=said.modality,
    )


def batches(posts: Iterable[Post], most: int, most_bytes: int) -> Iterator[list[Post]]:
    """Yield posts in order, in batches of so many and so many bytes at most; one that is larger alone."""
    batch: list[Post] = []
    held = 0
    for post in posts:
        # Four bytes a character are never too few.
        size_bytes = 4 * len(post.text) + sum(len(image) for image in post.images)
        if batch and (len(batch) == most or held + size_bytes > most_bytes):
            yield batch
            batch, held = [], 0
        batch.append(post)
        held += size_bytes
    if batch:
        yield batch
