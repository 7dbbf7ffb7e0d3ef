"""Handling messages in several threads, those of one key in order."""

from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Lanes:
    """Spreads calls over threads; calls of one lane run one after the other, in order."""

    def __init__(self, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="lane")

    def run(self, call: Callable[[int], T], lanes: Sequence[Hashable | None]) -> list[T]:
        """Call `call(i)` for each i below `len(lanes)` and return the results in that order.

        lanes  for each call the name of its lane; None is a lane of its own

        Returns when all have ended; raises the error of the first lane that raised, whose later calls are
        left out.
        """
        members: dict[Hashable, list[int]] = {}
        for index, lane in enumerate(lanes):
            members.setdefault(("alone", index) if lane is None else ("lane", lane), []).append(index)
        futures = [
            self._executor.submit(lambda indices: [(i, call(i)) for i in indices], indices)
            for indices in members.values()
        ]
        errors = [error for future in futures if (error := future.exception()) is not None]
        if errors:
            raise errors[0]
        results = sorted((pair for future in futures for pair in future.result()), key=lambda pair: pair[0])
        return [result for _, result in results]

    def close(self) -> None:
        """End the threads once their calls have ended."""
        self._executor.shutdown()
