"""`./screening drift`: what a model meets beside what it was trained on."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.depression.model.artefact import Model
from services.depression.model.collection import Post
from services.depression.model.counts import Floats
from services.depression.model.course import course
from services.depression.model.drift import OTHER, SHIFTED, profile, profile_from, stability_index
from services.depression.model.drift_watch import last_by_stratum
from services.depression.model.reading import Reading

# Of fewer users the index says more of chance than of them.
FEWEST_USERS = 50


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found, and what is to be made of it.

    scores, words      stability index of the users' probabilities, and of the share of words that are known
    known, known_then  median share of a user's words that the model knows, now and when it was trained
    warnings           sentences; none where nothing is amiss
    """

    users: int
    scores: float
    words: float
    known: float
    known_then: float
    warnings: Sequence[str]


class NothingToCompare(Exception):
    """A model that does not say what it was trained on, or nobody to compare."""


def drift(model: Model, posts: Mapping[str, Sequence[Post]]) -> Drift:
    """Compare users, each with one post at least, with those of the training; raises NothingToCompare."""
    seen = model.training.get("seen")
    if seen is None:
        raise NothingToCompare(f"model {model.version} does not say what it was trained on. Train it again")
    if not posts:
        raise NothingToCompare("there is nobody to compare. Name a collection with posts")
    probabilities = np.array([course(model, of_user).probability[-1] for of_user in posts.values()])
    texts = ([post.text for post in of_user] for of_user in posts.values())
    known = np.array([known_share(some, model.index, model.reading) for some in texts])
    scores = stability_index(profile_from(seen["scores"]), probabilities)
    words = stability_index(profile_from(seen["known_words"]), known)
    found = Drift(len(posts), scores, words, float(np.median(known)), float(seen["median_known"]), ())
    return Drift(found.users, scores, words, found.known, found.known_then, _warnings(found))


def known_share(texts: Iterable[str], index: Mapping[str, int], reading: Reading) -> float:
    """Return which share of the words in texts a model knows, stop words among the others; 0 without any."""
    return known_share_of(Counter(word for text in texts for word in reading.tokenise(text)), index)


def known_share_of(words: Mapping[str, int], index: Mapping[str, int]) -> float:
    """Return the same of words that were counted."""
    return sum(count for word, count in words.items() if word in index) / max(1, sum(words.values()))


def seen(probabilities: Sequence[Floats], known: Floats) -> dict[str, object]:
    """Return what a training keeps to be compared with: of users held out, and of their words.

    probabilities  of each user after each post
    known          (users,)
    """
    return {
        "scores": profile(np.array([each[-1] for each in probabilities])).to_json(),
        "strata": [
            {"least": least, "scores": profile(np.array(last)).to_json()}
            for least, last in last_by_stratum(probabilities)
            if last
        ],
        "known_words": profile(known).to_json(),
        "median_known": float(np.median(known)),
    }


def _warnings(found: Drift) -> list[str]:
    said = []
    for what, index in (("probabilities are", found.scores), ("known words are", found.words)):
        if index >= OTHER:
            said.append(
                f"the {what} spread as in another population (index {index:.2f}, from {OTHER:g} on): "
                "what the model says of these users means nothing before it is evaluated on some of them"
            )
        elif index >= SHIFTED:
            said.append(
                f"the {what} spread otherwise than in training (index {index:.2f}, from {SHIFTED:g} on)"
            )
    if found.users < FEWEST_USERS:
        said.append(f"{found.users} users are few: below {FEWEST_USERS} the indices are mostly chance")
    return said
