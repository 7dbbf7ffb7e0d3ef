"""The topic tool's table: a sentence encoder and a linear layer, k-fold.

Source: Del Carpio et al., Innovación y Software 4(2), 2023: ten folds, F1 of the positive class.
"""

from collections.abc import Mapping

from services.classifiers.encoders.choice import chosen_encoder
from services.classifiers.labelled import Labelled
from services.classifiers.measures import MEASURES, Bools
from services.classifiers.methods import linear
from services.classifiers.paper_table import Judge, Method, Numbers, PaperTable, Wanted
from services.classifiers.splits import k_fold, truth_of
from services.classifiers.training import points
from services.depression.progress import bar

ENCODER = "encoder + LR"


def _methods(labelled: Labelled, wanted: Wanted) -> Mapping[str, Method]:
    chosen, truth = chosen_encoder(wanted.encoder), truth_of(labelled)
    with bar("posts encoded") as progress:
        found = points(chosen.encoder, labelled, wanted.steps, chosen.weights.longest, progress)

    def fit(numbers: Numbers) -> Judge:
        fitted = linear(found[numbers], truth[numbers], wanted.seed)

        def judge(held: Numbers) -> Bools:
            said: Bools = fitted.decision_function(found[held]) > 0
            return said

        return judge

    return {ENCODER: fit}


TOPIC = PaperTable(_methods, columns=MEASURES, split=k_fold)
