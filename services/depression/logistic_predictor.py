"""Fourth stage: the probability of a user after each post, and of the post by itself."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np

from catenae import Message, Metrics, Middle, State
from services.depression.drifting import Drifting
from services.depression.model import picture
from services.depression.model.artefact import Model, model_of
from services.depression.model.counts import lay_out
from services.depression.model.drift_watch import ScoreWatch
from services.depression.stage import by_model, unpack_each
from services.depression.values import TextProbability, TfidfChange, UserProbability, change_of
from services.models.in_use import Models


class UserPicture(NamedTuple):
    """All that is remembered of a user; times in seconds, those of removed posts included."""

    dot: float  # Σ w·f·c
    squared_norm: float  # Σ (f·c)²
    posts: int
    first_utc: int
    last_utc: int
    last_id: str = ""  # of the latest post; "" where that was before it was remembered

    @classmethod
    def empty(cls, at_utc: int) -> "UserPicture":
        """Return the picture of a user whose first post comes now."""
        return cls(0.0, 0.0, 0, at_utc, at_utc)

    def after(self, post: TfidfChange, dot_change: float) -> "UserPicture":
        """Return the picture that a post makes of this one."""
        return UserPicture(
            self.dot + dot_change,
            self.squared_norm + post["squared_norm_change"],
            self.posts + (-1 if post["removed"] else 1),
            min(self.first_utc, post["created_utc"]),
            *max((self.last_utc, self.last_id), (post["created_utc"], post["post_id"])),
        )


class LogisticPredictor(Middle):
    """Estimate probabilities, of the user and of the post alone, by the model that each message names.

    Reads `TfidfChange`; writes for each a `TextProbability` to port "texts", a `UserProbability` to "users".
    A user has a picture by each version that counted a post. To "users" goes that of the latest post alone: a
    post of old that is taken away says nothing of the user where another version has spoken since.

    The gauge `drift_scores` says how far users' probabilities are from those of the training.

    words  how many words to name, at most, of those that contribute to a post's own probability
    """

    ports: ClassVar[Sequence[str]] = ("texts", "users")

    def __init__(
        self, pictures: State[dict[str, list[Any]]], metrics: Metrics, model: str, words: int = 10
    ) -> None:
        self._pictures = pictures
        self._models = Models(model, model_of)
        self._words = words
        self._drift = Drifting(metrics, "drift_scores", ScoreWatch)

    def setup(self) -> None:
        self._models.open()

    def teardown(self) -> None:
        self._models.close()

    def transform_many(self, messages: Sequence[Message[TfidfChange]]) -> Iterator[Message]:
        for model, some in by_model(messages, self._models):
            yield from some if model is None else self._transform(some, model)

    def _transform(self, messages: Sequence[Message], model: Model) -> Iterator[Message]:
        posts: list[TfidfChange] = [message.value for message in messages]
        entries = lay_out(unpack_each([post["ids"] for post in posts], "<i4"))
        change = np.concatenate(unpack_each([post["change"] for post in posts], "<f8"))
        own = np.concatenate(unpack_each([post["own"] for post in posts], "<f8"))
        pictures = self._advance(posts, picture.dot_change(entries, change, model.weights).tolist())
        own = picture.damped(entries, own, change, model.certainty.prior)
        sums = np.array([(each.dot, each.squared_norm, each.posts) for each, _ in pictures])
        contributions = picture.contributions(entries, own, model.weights)
        drift = self._drift.of(model)
        columns = zip(
            messages,
            pictures,
            model.probability(*sums.T).tolist(),
            picture.own_probability(entries, own, model.weights, model.bias, model.certainty).tolist(),
            picture.top_words(entries, contributions, model.vocabulary, self._words),
            strict=True,
        )
        for message, (after, is_latest), of_user, of_post, words in columns:
            text: TextProbability = {
                **change_of(message.value),
                "user_probability": of_user,
                "post_probability": of_post,
                "words": list(map(list, words)),
            }
            yield message.derive(text, to="texts")
            if is_latest:
                drift.note(message.value["user"], after.posts, of_user)
                yield message.derive(_of_user(message.value, after, of_user, model), to="users")
        self._drift.tell()

    def forget(self, request: Message) -> Iterable[Message]:
        self._drift.forget(request.key)
        return (request,)

    def _advance(
        self, posts: Sequence[TfidfChange], dot_changes: Sequence[float]
    ) -> list[tuple[UserPicture, bool]]:
        """Return the picture of its user after each post, and whether it is by the latest post's version.

        Reads and writes each user's pictures once. They are by version, that of the latest post last.
        """
        found = self._pictures.get_many(list(dict.fromkeys(post["user"] for post in posts)))
        users = {user: _unpacked(pictures) for user, pictures in found.items()}
        advanced = []
        for post, dot_change in zip(posts, dot_changes, strict=True):
            version, pictures = post["model"], users.setdefault(post["user"], {})
            before = pictures.get(version) or UserPicture.empty(post["created_utc"])
            if not post["removed"]:
                pictures.pop(version, None)
            pictures[version] = before.after(post, dot_change)
            advanced.append((pictures[version], next(reversed(pictures)) == version))
        for user, pictures in users.items():
            self._pictures[user] = {version: list(each) for version, each in pictures.items()}
        return advanced


def _unpacked(pictures: dict[str, list[Any]]) -> dict[str, UserPicture]:
    return {version: UserPicture(*each) for version, each in pictures.items()}


def _of_user(post: TfidfChange, after: UserPicture, probability: float, model: Model) -> UserProbability:
    return {
        "user": post["user"],
        "probability": probability,
        "threshold": model.threshold,
        "min_posts": model.certainty.min_posts,
        "posts": after.posts,
        "first_utc": after.first_utc,
        "last_utc": after.last_utc,
        "last_id": after.last_id or post["post_id"],
        "post_id": post["post_id"],
        "created_utc": post["created_utc"],
        "model": post["model"],
    }
