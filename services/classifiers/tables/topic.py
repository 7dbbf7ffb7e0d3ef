"""The topic tool's table: a sentence encoder and a linear layer, k-fold.

Source: Del Carpio et al., Innovación y Software 4(2), 2023: ten folds, F1 of the positive class.
"""

from services.classifiers.measures import MEASURES
from services.classifiers.paper_table import PaperTable
from services.classifiers.splits import k_fold
from services.classifiers.tables.encoded import encoded

TOPIC = PaperTable(
    lambda labelled, wanted: encoded(labelled, wanted, wanted.steps), columns=MEASURES, split=k_fold
)
