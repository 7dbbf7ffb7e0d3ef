"""One team's way through the rounds: what it is given next, and what its runs have answered."""

import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from services.depression.model.scores import Decision
from services.erisk.server.rounds import Round


class Refused(Exception):
    """An answer that cannot be taken; says why, and names nobody."""


class Passed(NamedTuple):
    """A round that is over: when it was given first, and when the last run had answered it, in seconds."""

    given_s: float
    answered_s: float


class Challenge:
    """Gives a round until all runs have answered it, then the next. Not thread-safe.

    rounds     of which the first names every user
    user_of    returns of whom an entry is
    runs       how many answers a round takes
    journal    file in which all is kept, and from which a server that was killed goes on; none to forget it
    timeout_s  a round that was given so long ago is over at the next request, whoever has not answered:
               their last answers stand
    clock      seconds since 1970
    """

    def __init__(
        self,
        rounds: Sequence[Round],
        user_of: Callable[[Mapping[str, Any]], str],
        runs: int,
        journal: Path | None = None,
        timeout_s: float = math.inf,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.runs = runs
        self._rounds = rounds
        self._user_of = user_of
        self._timeout_s = timeout_s
        self._clock = clock
        self._number = -1
        self._given_s = 0.0
        self._answered: set[int] = set()
        self._alerted_in: list[dict[str, int]] = [{} for _ in range(runs)]
        self._scores: list[dict[str, float]] = [{} for _ in range(runs)]
        self.passed: dict[int, Passed] = {}
        self.users = frozenset(map(user_of, rounds[0]))
        self._file: IO[str] | None = None
        if journal is not None:
            self._recall(journal)
            self._file = journal.open("a", encoding="utf-8")

    @property
    def is_over(self) -> bool:
        """Whether there is no further round."""
        return self._number >= len(self._rounds)

    def round(self) -> Round:
        """Return the round to be answered; nothing once the last one is over."""
        is_late = self._number >= 0 and self._clock() - self._given_s >= self._timeout_s
        if not self.is_over and (self._number < 0 or self._is_answered or is_late):
            self._write({"round": self._number + 1, "at_s": self._clock()})
        return [] if self.is_over else self._rounds[self._number]

    def submit(self, run: int, answers: object) -> None:
        """Take what a run answers to the round that was given last; of several the last one counts.

        Raises Refused for a run that there is none of, and for anything but one answer for each user.
        """
        if not 0 <= run < self.runs:
            raise Refused(f"there are runs 0 to {self.runs - 1}")
        if self._number < 0 or self.is_over:
            raise Refused("there is no round to be answered: ask for one")
        found = _checked(answers, self.users)
        self._write({"run": run, "answers": found, "at_s": self._clock()})

    def decisions(self, run: int) -> dict[str, Decision]:
        """Return what a run has decided on each user, and after how many of the user's entries."""
        entries = dict.fromkeys(self.users, 0)
        for each in self._rounds[: self._number + 1]:
            for entry in each:
                entries[self._user_of(entry)] += 1
        alerted = self._alerted_in[run]
        return {
            user: Decision(user in alerted, min(alerted.get(user, self._number) + 1, of_user))
            for user, of_user in entries.items()
        }

    def scores(self, run: int) -> Mapping[str, float]:
        """Return the last score that a run gave each user."""
        return self._scores[run]

    def close(self) -> None:
        """Let go of the journal."""
        if self._file is not None:
            self._file.close()

    @property
    def _is_answered(self) -> bool:
        return len(self._answered) == self.runs

    def _write(self, entry: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        self._apply(entry)

    def _recall(self, journal: Path) -> None:
        """Do again what a journal says; a line that was cut short was never acknowledged."""
        with suppress(FileNotFoundError):
            lines = journal.read_text("utf-8").splitlines(keepends=True)
            whole = [line for line in lines if line.endswith("\n")]
            for line in whole:
                self._apply(json.loads(line))
            if len(whole) < len(lines):
                journal.write_text("".join(whole), "utf-8")

    def _apply(self, entry: Mapping[str, Any]) -> None:
        if "round" in entry:
            self._number, self._given_s = entry["round"], entry["at_s"]
            self._answered.clear()
            return
        run = entry["run"]
        for user, (decision, score) in entry["answers"].items():
            # Of several answers to one round the last counts; an alert of a round before is final.
            alerted = self._alerted_in[run]
            if decision:
                alerted.setdefault(user, self._number)
            elif alerted.get(user) == self._number:
                del alerted[user]
            self._scores[run][user] = score
        self._answered.add(run)
        if self._is_answered:
            self.passed[self._number] = Passed(self._given_s, entry["at_s"])


def _checked(answers: object, users: frozenset[str]) -> dict[str, tuple[int, float]]:
    if not isinstance(answers, list):
        raise Refused("answers are a list")
    found: dict[str, tuple[int, float]] = {}
    for each in answers:
        match each:
            case {"nick": str(nick), "decision": 0 | 1 as decision, "score": int() | float() as score}:
                if nick in found or nick not in users or not math.isfinite(score):
                    raise Refused(
                        "an answer of a user who is not of the first round, or has two, or no score"
                    )
                found[nick] = (decision, float(score))
            case _:
                raise Refused("an answer without nick, decision 0 or 1, and score")
    if len(found) != len(users):
        raise Refused(f"{len(found)} answers for {len(users)} users; every user of the first round needs one")
    return found
