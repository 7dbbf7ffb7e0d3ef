"""The node that has each post of a search judged by a classifier of any kind."""

from collections.abc import Iterator, Sequence

from catenae import ConfigError, Message, Middle
from services.classifiers.classifier import Judgement, Post
from services.classifiers.kinds import classifiers
from services.classifiers.post_classifier import Judge
from services.topics.places import country_of
from services.topics.tally import Label
from services.topics.values import TopicPost
from services.topics.wanted import FoundPost, post_key
from services.topics.words import hashtags


class TopicJudge(Middle):
    """Judge posts as `PostJudge` does, by the same models. Reads `FoundPost`; writes `TopicPost`.

    What is gone passes on as it is. About the threshold t of the model lies what
    it is not sure of, from t·(1 - unsure) up to t + (1 - t)·unsure; so is a post that it can read nothing of.

    unsure     0 … 1
    threshold  the model's own, unless given; 0 … 1. That of a model of users is too high for single posts
    model, words, threads, batch_posts, batch_bytes  as in `PostJudge`
    """

    def __init__(  # noqa: PLR0913, PLR0917  options
        self,
        model: str,
        unsure: float = 0.25,
        threshold: float | None = None,
        words: int = 10,
        threads: int = 1,
        batch_posts: int = 64,
        batch_bytes: int = 256 * 1024,
    ) -> None:
        if not 0 <= unsure <= 1:
            raise ConfigError(f"option 'unsure' of TopicJudge is {unsure}; give a share, 0 … 1")
        if threshold is not None and not 0 <= threshold <= 1:
            raise ConfigError(f"option 'threshold' of TopicJudge is {threshold}; give a probability, 0 … 1")
        self._judge = Judge("TopicJudge", classifiers, model, words, threads, batch_posts, batch_bytes)
        self._unsure = unsure
        self._threshold = threshold

    def setup(self) -> None:
        self._judge.open()

    def teardown(self) -> None:
        self._judge.close()

    def transform_many(self, messages: Sequence[Message]) -> Iterator[Message]:
        model = self._judge.current()
        posts = [Post(model.own_words(each.value)) for each in messages if not each.value.get("removed")]
        threshold = model.threshold if self._threshold is None else self._threshold
        judged = self._judge.in_batches(model.classify, posts)
        for message in messages:
            if message.value.get("removed"):
                yield message.derive(message.value)
                continue
            said = next(judged)
            label = label_of(said, threshold, self._unsure)
            yield message.derive(_topic_post(message.value, said, label, threshold, model.version))


def label_of(said: Judgement, threshold: float, unsure: float) -> Label:
    """Return the class of a post."""
    if (
        said.modality == "none"
        or threshold * (1 - unsure) <= said.probability < threshold + (1 - threshold) * unsure
    ):
        return "not_sure"
    return "signs" if said.probability >= threshold else "no_signs"


def _topic_post(post: FoundPost, said: Judgement, label: Label, threshold: float, model: str) -> TopicPost:
    judged = TopicPost(
        id=post_key(post["topic"], post["id"]),
        topic=post["topic"],
        post_id=post["id"],
        author=post["author"],
        kind=post["kind"],
        created_utc=post["created_utc"],
        subreddit=post["subreddit"],
        title=post["title"],
        body=post["body"],
        permalink=post["permalink"],
        source=post["source"],
        language=post["language"],
        stated=post["stated"],
        place=post["place"],
        country=country_of(post["place"]),
        hashtags=hashtags(f"{post['title']} {post['body']}"),
        label=label,
        probability=said.probability,
        threshold=threshold,
        words=[[word, weight] for word, weight in said.words],
        model=model,
    )
    if post.get("generated"):
        judged["generated"] = True
    return judged
