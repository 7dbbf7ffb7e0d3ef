"""The row of an encoder: points of posts, and a regression on them."""

from collections.abc import Mapping, Sequence

import numpy as np

from services.classifiers.encoders.choice import chosen_encoder
from services.classifiers.labelled import Labelled
from services.classifiers.measures import Bools
from services.classifiers.methods import linear
from services.classifiers.paper_table import Judge, Method, Numbers, Wanted
from services.classifiers.preprocessing import preprocessing
from services.classifiers.splits import truth_of
from services.classifiers.training import points
from services.depression.progress import bar

ENCODER = "encoder + LR"


def encoded(
    labelled: Labelled, wanted: Wanted, steps: Sequence[str], *, is_timed: bool = False
) -> Mapping[str, Method]:
    """Return the row of the encoder that is wanted, on texts prepared by these steps; none without one.

    is_timed  whether to judge is to encode once more, as it takes most of the time
    """
    if not wanted.encoder:
        return {}
    chosen, truth = chosen_encoder(wanted.encoder), truth_of(labelled)
    prepare, longest = preprocessing(steps), chosen.weights.longest
    texts = [prepare(post.text)[:longest] for post in labelled.posts] if is_timed else []
    with bar("posts encoded") as progress:
        found = points(chosen.encoder, labelled, steps, longest, progress)

    def fit(numbers: Numbers) -> Judge:
        fitted = linear(found[numbers], truth[numbers], wanted.seed)

        def judge(held: Numbers) -> Bools:
            rows = found[held]
            if is_timed:
                rows = chosen.encoder.encode([texts[number] for number in held]).astype(np.float64)
            said: Bools = fitted.decision_function(rows) > 0
            return said

        return judge

    return {ENCODER: fit}
