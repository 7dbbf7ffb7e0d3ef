"""What a training is asked for, and what it tells; most commands never load what it takes to do it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from services.depression.model.about import ABOUT
from services.depression.model.assessment import Assessment, Quality

ClassWeight = float | Literal["balanced"]


class TrainingError(Exception):
    """A collection that no model can be trained on; says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The choices of a training.

    min_df         users that must have used a word; 0 stands for a share of the users, and at least 2
    penalty        "l1" leaves few words with a weight, "l2" many
    strengths      inverse regularisation strengths C to try
    class_weights  weights of the positive class to try, in (0, 1); the negative class has the rest
    criterion      what the best trial is best in, of users held out with all they wrote
    priors         evidence priors λ to try on the running rule
    is_calibrated  fit the probabilities to what was right after so many posts
    min_posts      posts before which there is no alert
    threshold      probability from which the running model alerts; the best one of the running rule if None
    about          signs of what the positive users are positive for
    """

    min_df: int = 0
    penalty: Literal["l1", "l2"] = "l2"
    strengths: Sequence[float] = (1, 2, 4, 8, 16, 32, 64, 128, 256)
    class_weights: Sequence[ClassWeight] = ("balanced", 0.8, 0.5)
    criterion: Literal["log_loss", "f1"] = "log_loss"
    folds: int = 4
    priors: Sequence[float] = (0, 100, 400)
    is_calibrated: bool = True
    min_posts: int = 3
    threshold: float | None = None
    about: str = ABOUT
    seed: int = 0


# As the paper trained.
PAPER = Recipe(
    penalty="l1",
    strengths=(1, 2, 4, 8, 16, 32, 64),
    criterion="f1",
    priors=(0,),
    is_calibrated=False,
    min_posts=1,
    threshold=0.5,
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice of parameters and how it did on the users held out, all folds pooled."""

    strength: float
    class_weight: ClassWeight
    f1: float
    log_loss: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a training saw and chose; `trials` in the order they were made.

    is_at_edge   the best strength is the largest that was tried
    running_rule what the users held out would have been told, post after post, by the rule that was chosen
    quality      of the probabilities that they would have had
    """

    users: int
    positives: int
    posts: int
    first_utc: int
    last_utc: int
    terms: int
    terms_with_weight: int
    min_df: int
    best: Trial
    is_at_edge: bool
    running_rule: Assessment
    quality: Quality
    trials: Sequence[Trial]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self) | {"running_rule": self.running_rule.to_json()}
