"""What goes wrong with requests when a test says so."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """How a request fails."""

    STATUS = "status"  # it is answered with another status
    HANG = "hang"  # it is not answered for a while
    CUT = "cut"  # its answer breaks off
    GARBAGE = "garbage"  # its answer is no JSON


@dataclass(slots=True)
class Fault:
    """One kind of failure and which requests it befalls.

    path           of requests that begin with it
    times          how often; until it is taken away if 0
    share          of those requests that fail, in order of a fixed chance
    status         of the answer, for `STATUS`
    retry_after_s  what that answer's header says; no header if 0
    hang_s         how long, for `HANG`; then the connection ends
    """

    trouble: Trouble
    path: str = "/"
    times: int = 0
    share: float = 1.0
    status: int = 503
    retry_after_s: int = 0
    hang_s: float = 30.0


class Faults:
    """The failures that are to come."""

    def __init__(self) -> None:
        self._faults: list[tuple[Fault, int]] = []
        self._chance = random.Random(0)

    def add(self, fault: Fault) -> None:
        """Let requests fail from now on."""
        self._faults.append((fault, fault.times))

    def clear(self) -> None:
        """Let everything go well again."""
        self._faults.clear()

    def of(self, path: str) -> Fault | None:
        """Return what befalls a request, which counts as one time; None if it goes well."""
        for place, (fault, left) in enumerate(self._faults):
            if path.startswith(fault.path) and self._chance.random() < fault.share:
                if left == 1:
                    del self._faults[place]
                elif left:
                    self._faults[place] = fault, left - 1
                return fault
        return None

    @property
    def left(self) -> Sequence[Fault]:
        """The failures that are still to come."""
        return [fault for fault, _ in self._faults]
