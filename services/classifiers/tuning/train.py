"""Epochs of a tuning. Each is shuffled by its own number, so what is taken up ends as if never stopped."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from services.classifiers.measures import Bools
from services.classifiers.tuning.bert import Shape
from services.classifiers.tuning.checkpoint import Checkpoint
from services.classifiers.tuning.network import (
    Learned,
    Network,
    Tuning,
    batches,
    optimiser,
    points_of_all,
    update,
)
from services.depression.recipe import TrainingError
from services.models.arrays import Floats


@dataclass(frozen=True, slots=True)
class Epoch:
    """How well posts were told apart: while they were learned from; and, after it, those held out."""

    loss: float
    accuracy: float
    held_loss: float
    held_accuracy: float


# Told after each epoch: its number, and how it went.
Tell = Callable[[int, Epoch], None]


def train(
    start: Network,
    shape: Shape,
    parts: tuple[Learned, Learned],
    tuning: Tuning,
    checkpoint: Checkpoint,
    tell: Tell,
) -> tuple[Network, Sequence[Epoch]]:
    """Return the network after all epochs, and how each went.

    parts  posts to learn from, and posts that nothing is learned from

    After each epoch it is all in the checkpoint, and told; what a checkpoint has is taken up from there.
    Raises TrainingError where numbers grow beyond all bounds.
    """
    learned, held = parts
    steps = tuning.epochs * -(-len(learned.tokens) // tuning.batch_texts)
    optimise = optimiser(tuning, steps)
    learn = update(shape, optimise)
    network, state = start, optimise.init(start)
    epochs: list[Epoch] = []
    if saved := checkpoint.load((network, state)):
        (network, state), told = saved
        epochs = [Epoch(**each) for each in told["epochs"]]
        for number, epoch in enumerate(epochs, start=1):
            tell(number, epoch)
    for number in range(len(epochs) + 1, tuning.epochs + 1):
        order = np.random.default_rng((tuning.seed, number)).permutation(len(learned.tokens)).tolist()
        odds = np.zeros(len(order))
        for numbers, batch in batches(learned, order, tuning.batch_texts):
            network, state, _, said = learn(network, state, batch)
            odds[numbers] = np.asarray(said)[: len(numbers)]
        points = points_of_all(network["encoder"], shape, held.tokens)
        after = points @ np.asarray(network["head"]) + np.asarray(network["bias"])
        if not np.all(np.isfinite(odds)):
            raise TrainingError(f"epoch {number}: what the network says is no number. Tune on other posts")
        epochs.append(Epoch(*_told(odds, learned.truth), *_told(after, held.truth)))
        checkpoint.save((network, state), {"epochs": [asdict(each) for each in epochs]})
        tell(number, epochs[-1])
    return network, epochs


def _told(odds: Floats, truth: Bools) -> tuple[float, float]:
    """Return mean cross entropy and accuracy."""
    wrong = np.where(truth, -odds, odds)
    return float(np.logaddexp(0, wrong).mean()), float(np.mean((odds > 0) == truth))
