"""From evidence of single posts to a picture of their user, exact whatever comes, goes, or comes twice."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from catenae import ConfigError, Message, Middle, State
from services.classifiers.picture import EvidencePicture, Judged, of_posts, unpacked
from services.classifiers.values import PostEvidence
from services.depression.values import TextProbability, UserProbability, change_of

# What was judged, by user and post; an empty one is a post that was taken away before it came.
Known = dict[tuple[str, str], list[Any]]
RULES: Mapping[str, Callable[[EvidencePicture], float]] = {
    "strongest": lambda picture: picture.probability,
    "mean": lambda picture: picture.mean,
}


class EvidenceAggregator(Middle):
    """Keep what each user's posts were judged. Reads `PostEvidence`; writes what the screening does: for each
    a `TextProbability` to port "texts", and a `UserProbability` to "users".

    A post counts once, as it was judged last, by whichever version that was. One that is taken away leaves
    the user as if it had never been there, the next strongest in its place; one that is taken away before it
    comes is not counted when it does. A user has a picture by each version. To "users" goes that of the
    version that has judged a post last.

    rule       "strongest": the mean of the five likeliest posts, fewer counting as if the others said
               nothing; "mean": that of all
    threshold  the model's own, unless given; 0 … 1
    """

    ports: ClassVar[Sequence[str]] = ("texts", "users")

    def __init__(
        self,
        posts: State[list[Any]],
        pictures: State[dict[str, list[Any]]],
        rule: str = "strongest",
        threshold: float | None = None,
    ) -> None:
        if rule not in RULES:
            raise ConfigError(
                f"option 'rule' of EvidenceAggregator is {rule!r}; give one of {', '.join(RULES)}"
            )
        if threshold is not None and not 0 <= threshold <= 1:
            found = f"option 'threshold' of EvidenceAggregator is {threshold}; give a probability, 0 … 1"
            raise ConfigError(found)
        self._posts = posts
        self._pictures = pictures
        self._probability = RULES[rule]
        self._threshold = threshold

    def transform_many(self, messages: Sequence[Message[PostEvidence]]) -> Iterator[Message]:
        users = list(dict.fromkeys(message.value["user"] for message in messages))
        keys = list(dict.fromkeys((each.value["user"], each.value["post_id"]) for each in messages))
        pictures = {user: _unpacked(packed) for user, packed in self._pictures.get_many(users).items()}
        known = self._posts.get_many(keys)
        for message in messages:
            post: PostEvidence = message.value
            of_user = pictures.setdefault(post["user"], {})
            version = self._change(post, of_user, known)
            picture = of_user[version]
            probability = self._probability(picture)
            yield message.derive(_of_text(post, probability, version), to="texts")
            if next(reversed(of_user)) == version:
                yield message.derive(self._of_user(post, picture, probability, version), to="users")
        for user, of_user in pictures.items():
            self._pictures[user] = {version: picture.packed() for version, picture in of_user.items()}

    def _change(self, post: PostEvidence, pictures: dict[str, EvidencePicture], known: Known) -> str:
        """Count a post, or no longer; return the version whose picture that is. The last to judge is last."""
        key = (post["user"], post["post_id"])
        before = known.get(key)
        if post["removed"]:
            version = before[0] if before else next(reversed(pictures), post["model"])
            self._keep(key, None if before else [], known)
            picture = self._counted_again(post["user"], version) if before else pictures.get(version)
            pictures[version] = picture or EvidencePicture()
            return version
        version = post["model"]
        judged = Judged(version, post["probability"], post["created_utc"])
        picture = pictures.pop(version, EvidencePicture())
        self._keep(key, None if before == [] else list(judged), known)
        if before is None:
            picture = picture.with_post(post["post_id"], judged)
        elif before and before != list(judged):
            if before[0] != version:
                pictures[before[0]] = self._counted_again(post["user"], before[0])
            picture = self._counted_again(post["user"], version)
        pictures[version] = picture
        return version

    def _keep(self, key: tuple[str, str], judged: list[Any] | None, known: Known) -> None:
        if judged is not None:
            known[key] = self._posts[key] = judged
        elif known.pop(key, None) is not None:
            del self._posts[key]

    def _counted_again(self, user: str, version: str) -> EvidencePicture:
        """Return the picture of all posts that are there: the next strongest is nowhere else."""
        there = ((post_id, Judged(*judged)) for post_id, judged in self._posts.items(user) if judged)
        return of_posts((post_id, judged) for post_id, judged in there if judged.model == version)

    def _of_user(
        self, post: PostEvidence, picture: EvidencePicture, probability: float, version: str
    ) -> UserProbability:
        last_utc, last_id = picture.last if picture.posts else (post["created_utc"], post["post_id"])
        return UserProbability(
            user=post["user"],
            probability=probability,
            threshold=post["threshold"] if self._threshold is None else self._threshold,
            min_posts=post["min_posts"],
            posts=picture.posts,
            first_utc=picture.first_utc if picture.posts else post["created_utc"],
            last_utc=last_utc,
            last_id=last_id,
            post_id=post["post_id"],
            created_utc=post["created_utc"],
            model=version,
        )


def _of_text(post: PostEvidence, user_probability: float, version: str) -> TextProbability:
    change = change_of(post)
    change["model"] = version
    return TextProbability(
        **change,
        user_probability=user_probability,
        post_probability=post["probability"],
        words=post["words"],
    )


def _unpacked(pictures: Mapping[str, list[Any]]) -> dict[str, EvidencePicture]:
    return {version: unpacked(packed) for version, packed in pictures.items()}
