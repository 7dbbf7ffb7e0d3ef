"""Three hours of the load that the paper had, 500 to 1,000 posts a second, and what goes wrong in them."""

import math
import random
from dataclasses import dataclass

SECONDS = 3 * 3600
LEAST_PER_S, MOST_PER_S = 500.0, 1000.0
BURST = 1.8


@dataclass(frozen=True, slots=True)
class Hours:
    """What happens, by the second.

    arrives  posts that come
    slower   how much longer a post takes to handle, 1 mostly
    """

    arrives: tuple[float, ...]
    slower: tuple[float, ...]


def hours(seed: int) -> Hours:
    """Return three hours: waves of half an hour and of some minutes, noise, and once each, at random times,

    a burst     1.8 times as much for five minutes, from one second to the next
    an absence  the source is away for eight minutes, and then as busy as ever
    a sickness  the store answers half as fast for five minutes
    """
    drawn = random.Random(seed)
    phases = [drawn.uniform(0, 2 * math.pi) for _ in range(3)]
    burst, absence, sickness = (
        60 * minute + drawn.randrange(600) for minute in drawn.sample(range(10, SECONDS // 60 - 20, 20), 3)
    )
    arrives, slower = [], []
    for second in range(SECONDS):
        waves = (
            0.60 * math.sin(2 * math.pi * second / 2700 + phases[0])
            + 0.25 * math.sin(2 * math.pi * second / 900 + phases[1])
            + 0.15 * math.sin(2 * math.pi * second / 240 + phases[2])
        )
        mean = (LEAST_PER_S + MOST_PER_S) / 2 + (MOST_PER_S - LEAST_PER_S) / 2 * waves
        mean *= BURST if _within(second, burst, 5) else 1.0
        mean *= 0.0 if _within(second, absence, 8) else 1.0
        arrives.append(max(0.0, drawn.gauss(mean, math.sqrt(mean))))
        slower.append(2.0 if _within(second, sickness, 5) else 1.0)
    return Hours(tuple(arrives), tuple(slower))


def _within(second: int, start: int, minutes: int) -> bool:
    return start <= second < start + minutes * 60
