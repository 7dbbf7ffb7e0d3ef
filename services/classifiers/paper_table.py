"""What a table of a paper is: which methods, by which measures, on posts split in which way."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from services.classifiers.encoders.choice import DEFAULT
from services.classifiers.labelled import Labelled
from services.classifiers.measures import MEASURES, Bools
from services.classifiers.preprocessing import USUAL

Numbers = npt.NDArray[np.intp]
Fold = tuple[Numbers, Numbers]
# Milliseconds of one core that it takes to judge a text: many at once, and one by one.
MS_TOGETHER, MS_ALONE = "ms a text", "ms a text alone"
COLUMNS = (*MEASURES, MS_TOGETHER, MS_ALONE)

# Says of posts, by their numbers, which are positive.
Judge = Callable[[Numbers], Bools]
# Fits on posts, by their numbers, whatever it chooses chosen on these.
Method = Callable[[Numbers], Judge]
# Yields the numbers of posts to fit on and of those held out, so many times, by a seed.
Split = Callable[[Labelled, int, int], Iterator[Fold]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a comparison was asked for: steps of preprocessing, an encoder by name, a seed.

    encoder  "" for none
    losses   where methods that learn step by step leave what they lost, in the first fold, by their names
    """

    steps: Sequence[str]
    encoder: str
    seed: int
    losses: dict[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PaperTable:
    """The methods of a paper on any labelled posts, always beside TF-IDF and the trivial one.

    methods  returns them by the names of their rows; one of the same name as a row beside stands in its place
    columns  of COLUMNS, in order
    steps    of preprocessing, encoder and folds: where nothing else is asked for
    beside   of rows, what two are shown beside each other in a picture, and by which of the columns
    """

    methods: Callable[[Labelled, Wanted], Mapping[str, Method]]
    columns: Sequence[str]
    split: Split
    steps: Sequence[str] = USUAL
    encoder: str = DEFAULT
    folds: int = 10
    beside: Sequence[str] = ()
