"""The two nodes of a cascade: a sieve that judges most posts cheaply, and who weighs the others.

    texts → Sieve → sifted → DoubtJudge → evidence

Everything takes the same way, so that what is said of a post, of its change and of its going stays in order.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NotRequired

from catenae import ConfigError, Message, Middle, State
from services.classifiers.classifier import Judgement, Post
from services.classifiers.kinds import cascades
from services.classifiers.post_classifier import NOT_JUDGED, Judge, Row, evidence_of, row_of
from services.classifiers.values import PostEvidence
from services.models.in_use import Models
from services.reddit.records import TextRow

NO_SUCH_MODEL = "model not found"


class SiftedPost(PostEvidence):
    """Evidence, or, with a text, what has yet to be weighed; then nothing is said in it of the post.

    text  the author's own words
    """

    text: NotRequired[str]


class Sieve(Middle):
    """Judge each post by the cheap part of a cascade, or say that the heavy part has to.

    Reads text records; writes `SiftedPost`, keyed by user. In doubt is what the model says, and so is each of
    a user's first posts, in the order in which they came: those stay the first ones for good, if they come
    again, or are taken away, until the user is forgotten. A row without a text of a known author is rejected.

    model  folder of a model of kind "cascade", or `STORE_URL#NAME[@VERSION]`
    first  how many posts of each user reach the heavy part whatever the cheap one makes of them
    words  how many to name, at most, as in `PostJudge`
    """

    def __init__(self, firsts: State[list[str]], model: str, first: int = 3, words: int = 10) -> None:
        if first < 0:
            raise ConfigError(f"option 'first' of Sieve is {first}; give 0 or more")
        self._firsts = firsts
        self._models = Models(model, cascades(1))
        self._first = first
        self._words = words

    def setup(self) -> None:
        self._models.open()

    def teardown(self) -> None:
        self._models.close()

    def transform_many(self, messages: Sequence[Message[TextRow]]) -> Iterator[Message]:
        model = self._models.current()
        rows = [row_of(message) for message in messages]
        first = self._first_posts(rows)
        texts = [model.own_words(row.post) if row.post else "" for row in rows]
        sifts = [row.post is not None and (row.post["author"], row.post["id"]) not in first for row in rows]
        posts = [Post(text) for text, is_sifted in zip(texts, sifts, strict=True) if is_sifted]
        sifted = iter(model.sift(posts, self._words))
        for row, text, is_sifted in zip(rows, texts, sifts, strict=True):
            if row.record is None:
                yield row.message.reject(row.odd)
                continue
            said = next(sifted) if is_sifted else None
            evidence = evidence_of(row.record, said or NOT_JUDGED, model, is_removed=row.is_removed)
            sent = {**evidence, "text": text} if row.post and not said else evidence
            yield row.message.derive(sent, key=row.record["author"])

    def _first_posts(self, rows: Sequence[Row]) -> set[tuple[str, str]]:
        """Return users and ids of the posts that are among the first of their users; keep which are."""
        posts = [row.post for row in rows if row.post]
        firsts = self._firsts.get_many(list(dict.fromkeys(post["author"] for post in posts)))
        for post in posts:
            there = firsts.get(post["author"], [])
            if post["id"] not in there and len(there) < self._first:
                firsts[post["author"]] = self._firsts[post["author"]] = [*there, post["id"]]
        return {(user, post_id) for user, there in firsts.items() for post_id in there}


class DoubtJudge(Middle):
    """Weigh what a `Sieve` was in doubt of. Reads `SiftedPost`; writes `PostEvidence`, keyed by user.

    It goes by the version that the sieve has named, which must be kept where models are: a post of one that
    is nowhere is set aside. What is judged already passes on as it is.

    model, words, threads, batch_posts, batch_bytes  as in `PostJudge`
    """

    def __init__(
        self,
        model: str,
        words: int = 10,
        threads: int = 1,
        batch_posts: int = 64,
        batch_bytes: int = 256 * 1024,
    ) -> None:
        self._judge = Judge("DoubtJudge", cascades, model, words, threads, batch_posts, batch_bytes)

    def setup(self) -> None:
        self._judge.open()

    def teardown(self) -> None:
        self._judge.close()

    def transform_many(self, messages: Sequence[Message[SiftedPost]]) -> Iterator[Message]:
        texts: dict[str, list[Post]] = {}
        for message in messages:
            if "text" in message.value:
                texts.setdefault(message.value["model"], []).append(Post(message.value["text"]))
        models = {version: self._judge.of(version) for version in texts}
        weighed = {
            version: self._judge.in_batches(model.weigh, texts[version])
            for version, model in models.items()
            if model
        }
        for message in messages:
            sifted = message.value
            if "text" not in sifted:
                yield message.derive(sifted)
            elif sifted["model"] in weighed:
                yield message.derive(_weighed_of(sifted, next(weighed[sifted["model"]])))
            else:
                yield message.reject(NO_SUCH_MODEL)


def _weighed_of(sifted: Mapping[str, Any], said: Judgement) -> dict[str, Any]:
    """Return the evidence, without the text."""
    words = [[word, weight] for word, weight in said.words]
    told = {"probability": said.probability, "words": words, "modality": said.modality}
    return {name: value for name, value in {**sifted, **told}.items() if name != "text"}
