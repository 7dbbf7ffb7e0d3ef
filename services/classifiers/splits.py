"""How labelled posts are split into those to fit on and those held out; the posts of a user stay together."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import (
    GroupShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from services.classifiers.labelled import Labelled
from services.classifiers.measures import Bools
from services.classifiers.paper_table import Fold
from services.depression.recipe import TrainingError

_HELD_OUT = 0.4
_TENTHS = 10


class Parts(NamedTuple):
    """Numbers of posts: eight tenths to learn from, one to choose by, one to tell by, which chose nothing."""

    learn: npt.NDArray[Any]
    choose: npt.NDArray[Any]
    tell: npt.NDArray[Any]

    def sizes(self) -> tuple[int, int, int]:
        """Return how many posts each has."""
        return len(self.learn), len(self.choose), len(self.tell)


def truth_of(labelled: Labelled) -> Bools:
    """Return which posts are positive, (posts,)."""
    return np.array([post.is_positive for post in labelled.posts], np.bool_)


def k_fold(labelled: Labelled, folds: int, seed: int) -> Iterator[Fold]:
    """Yield so many folds, each post held out once.

    Raises TrainingError when there are too few posts of a class, or folds.
    """
    if folds < 2:
        raise TrainingError("1 fold holds no post out. Take 2 at least")
    truth = truth_of(labelled)
    _require(truth, folds, f"{folds} folds. Label more posts, or take fewer folds")
    if labelled.has_users:
        folds_by_user = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        yield from folds_by_user.split(truth, truth, _users(labelled))
    else:
        yield from StratifiedKFold(folds, shuffle=True, random_state=seed).split(truth, truth)


def three_parts(labelled: Labelled, seed: int) -> Parts:
    """Return the posts in three parts; raises as `k_fold`."""
    (others, choose), (_, tell) = list(k_fold(labelled, _TENTHS, seed))[:2]
    return Parts(np.setdiff1d(others, tell), choose, tell)


def sixty_forty(labelled: Labelled, times: int, seed: int) -> Iterator[Fold]:
    """Yield, so many times, 60 % of the posts or users to fit on, and the others; raises as `k_fold`."""
    truth = truth_of(labelled)
    _require(truth, 5, "60 % and 40 %. Label more posts")
    if labelled.has_users:
        halves = GroupShuffleSplit(times, test_size=_HELD_OUT, random_state=seed)
        yield from halves.split(truth, truth, _users(labelled))
    else:
        yield from StratifiedShuffleSplit(times, test_size=_HELD_OUT, random_state=seed).split(truth, truth)


def _require(truth: Bools, least: int, what: str) -> None:
    fewest = min(int(truth.sum()), int((~truth).sum()))
    if fewest < least:
        raise TrainingError(f"{fewest} posts of a class, too few for {what}")


def _users(labelled: Labelled) -> list[str]:
    """Return who wrote each post; one of nobody known is of a user of its own."""
    return [post.user or f"\0{number}" for number, post in enumerate(labelled.posts)]
