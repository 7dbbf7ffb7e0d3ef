"""What is done to a topology and when, drawn from a seed. Data only; `World` commits it."""

import random
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from tests.chaos.trial import Trial

MOST_REPLICAS = 4


class Kind(NamedTuple):
    """A kind of mishap.

    weight     how often it is drawn beside the others
    longest_s  how long it lasts at most; 0 for one that is over at once
    is_alone   whether no other of these may happen meanwhile: the whole flow is in its hands
    of         the server that it strikes
    """

    weight: int
    longest_s: float = 0.0
    is_alone: bool = False
    of: str = ""


KINDS = {
    "kill": Kind(45),  # kill -9 of an instance
    "freeze": Kind(22, 12.0),  # SIGSTOP, longer than a lease
    "scale": Kind(18),  # another number of instances
    "kill up": Kind(2, 2.0),  # kill -9 of `catenae up`, and started again
    "stop up": Kind(2),  # stopped in order and started again
    "upgrade": Kind(3, is_alone=True),  # stopped, migrated to other names, and started again
    "kill broker": Kind(4, 8.0, is_alone=True, of="kafka"),
    "freeze broker": Kind(3, 8.0, is_alone=True, of="kafka"),
    "kill documents": Kind(4, 8.0, of="mongodb"),
    "freeze documents": Kind(4, 8.0, of="mongodb"),
    "cut network": Kind(3, 6.0, is_alone=True, of="kafka"),
    "fill disk": Kind(2, 6.0, is_alone=True),
    "step clock": Kind(3, 10.0, is_alone=True),  # by up to two hours
}
SHORTEST_S = 0.5


@dataclass(frozen=True)
class Mishap:
    """One thing that goes wrong.

    number     by which it can be named: its place in what the seed gives
    at_s       seconds after the topology is ready
    seconds    until it is undone
    share      from 0 to 1: which of those there are is struck
    replicas   asked for, where the kind is "scale"
    """

    number: int
    at_s: float
    kind: str
    seconds: float
    share: float
    replicas: int


def mishaps(trial: Trial, possible: Collection[str] = KINDS.keys()) -> list[Mishap]:
    """Draw what happens in a trial: something every one to three seconds.

    What is not possible is left out, and all else stays as it is.
    """
    chance = random.Random(f"mishaps {trial.seed}")
    kinds = list(
        trial.kinds or (name for name in KINDS if not KINDS[name].of or KINDS[name].of in trial.servers)
    )
    drawn: list[Mishap] = []
    at_s = chance.uniform(1, 3)
    alone_until_s = 0.0
    while at_s < trial.minutes * 60:
        name = chance.choices(kinds, [KINDS[kind].weight for kind in kinds])[0]
        kind = KINDS[name]
        seconds = chance.uniform(SHORTEST_S, kind.longest_s) if kind.longest_s else 0.0
        share, replicas = chance.random(), chance.randint(1, MOST_REPLICAS)
        if not (kind.is_alone and at_s < alone_until_s):
            drawn.append(Mishap(len(drawn), round(at_s, 2), name, round(seconds, 2), share, replicas))
            if kind.is_alone:
                # A broker that has come back is left in peace until it is one that others know.
                alone_until_s = at_s + seconds + 10
        at_s += chance.uniform(1, 3)
    return [each for each in drawn if each.kind in possible and (not trial.only or each.number in trial.only)]
