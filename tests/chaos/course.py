"""The course of a trial: mishaps at their times, each undone at its own, and `catenae up` kept up."""

import time
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from itertools import count
from typing import NamedTuple

from tests.chaos.committing import Committing, Undo
from tests.chaos.diary import Diary
from tests.chaos.mishaps import Mishap
from tests.chaos.up import Up

TICK_S = 0.1


class _Due(NamedTuple):
    """Something to be done at a time; those of one time in the order in which they came up."""

    at_s: float
    turn: int
    mishap: Mishap
    undo: Undo | None = None


class Course:
    """Goes through the mishaps of a trial."""

    def __init__(self, committing: Committing, up: Up, diary: Diary) -> None:
        self._committing = committing
        self._up = up
        self._diary = diary
        self._turns = count()
        self._due: list[_Due] = []

    def run(self, mishaps: Sequence[Mishap], seconds: float) -> None:
        """Return after so many seconds, with everything undone."""
        started_s = time.monotonic()
        self._due = [_Due(each.at_s, next(self._turns), each) for each in mishaps]
        heapify(self._due)
        try:
            while (now_s := time.monotonic() - started_s) < seconds:
                if self._due and self._due[0].at_s <= now_s:
                    self._do(heappop(self._due), now_s)
                    # What takes long, such as a stop in order, puts off what comes after it.
                    started_s = max(started_s, time.monotonic() - now_s)
                else:
                    self.look()
                    time.sleep(TICK_S)
        finally:
            for each in self._due:
                if each.undo is not None:
                    self._undo(each.mishap, each.undo)

    def look(self) -> None:
        """Start `catenae up` again where it has ended by itself."""
        if self._up.revive():
            self._diary.write("up ended", words=self._up.ends[-1])

    def _do(self, due: _Due, now_s: float) -> None:
        mishap = due.mishap
        if due.undo is not None:
            self._undo(mishap, due.undo)
            return
        struck, undo = self._committing.commit(mishap)
        self._diary.write(mishap.kind, number=mishap.number, struck=struck, seconds=mishap.seconds)
        if mishap.seconds:
            heappush(self._due, _Due(now_s + mishap.seconds, next(self._turns), mishap, undo))

    def _undo(self, mishap: Mishap, undo: Undo) -> None:
        undo()
        self._diary.write(f"{mishap.kind}: over", number=mishap.number)
