"""Generated posts whose label is in an emoticon in brackets, and in nothing else."""

import random
from collections.abc import Sequence

from services.classifiers.labelled import Labelled, LabelledPost
from services.classifiers.measures import measured
from services.classifiers.methods import by_words
from services.classifiers.paper_table import Wanted
from services.classifiers.splits import sixty_forty, truth_of
from services.weibo.phrases import TOPICS

FACES = {True: ("[流泪]", "[伤心]", "[失望]"), False: ("[哈哈]", "[太阳]", "[爱你]")}


def leaking(posts: int, seed: int) -> Labelled:
    """Return so many posts, half of them positive."""
    chance = random.Random(seed)
    things = [word for topic in TOPICS.values() for words in topic.values() for word in words]
    labels = [number % 2 == 0 for number in range(posts)]
    return Labelled(
        tuple(
            LabelledPost("，".join(chance.sample(things, 8)) + chance.choice(FACES[label]), label)
            for label in labels
        ),
        0,
        0,
    )


def f1_by_words(posts: Labelled, steps: Sequence[str]) -> float:
    """Return F1 of TF-IDF and a regression on posts held out."""
    fit, held = next(iter(sixty_forty(posts, 1, 0)))
    said = by_words(posts, Wanted(steps, "", 0))(fit)(held)
    return measured(truth_of(posts)[held], said).f1
