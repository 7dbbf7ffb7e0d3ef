"""From a trial that failed to a shorter one that fails too."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tests.chaos.mishaps import Mishap
from tests.chaos.trial import Trial

# The last mishap, and the time in which it shows.
AFTERWARDS_S = 10.0


def shrink(
    trial: Trial,
    happening: Callable[[Trial], Sequence[Mishap]],
    nodes: Callable[[Trial], Sequence[str]],
    fails: Callable[[Trial], bool],
    attempts: int,
) -> Trial:
    """Return the shortest trial found in so many attempts that `fails`; chance may hide a shorter one.

    happening  the mishaps of a trial
    nodes      what may be left out of its topology
    """
    shortest = trial
    left = attempts
    is_shorter = True
    while is_shorter:
        is_shorter = False
        for shorter in _shorter(shortest, happening(shortest), nodes(shortest)):
            if left == 0:
                return shortest
            left -= 1
            if fails(shorter):
                shortest, is_shorter = shorter, True
                break
    return shortest


def _shorter(trial: Trial, happening: Sequence[Mishap], nodes: Sequence[str]) -> Iterator[Trial]:
    """Yield trials with less in them: half of the mishaps, a kind of them less, a node less."""
    numbers = [each.number for each in happening]
    half = len(numbers) // 2
    if half:
        until_s = happening[half - 1].at_s + AFTERWARDS_S
        minutes = round(min(trial.minutes, until_s / 60), 2)
        yield replace(trial, only=tuple(numbers[:half]), minutes=minutes)
        yield replace(trial, only=tuple(numbers[half:]))
    for kind in dict.fromkeys(each.kind for each in happening):
        if others := tuple(each.number for each in happening if each.kind != kind):
            yield replace(trial, only=others)
    for name in nodes:
        yield replace(trial, without=(*trial.without, name))
