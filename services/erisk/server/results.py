"""What the runs of a team have come to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from services.depression.model.scores import Scores, score
from services.erisk.server.challenge import Challenge


@dataclass(frozen=True, slots=True)
class Results:
    """Until now.

    rounds             how many were answered by all runs
    seconds            which that took, added up
    median_s, most_s   of one round; 0 where there is none
    runs               how well each run has decided
    """

    is_over: bool
    rounds: int
    seconds: float
    median_s: float
    most_s: float
    runs: Sequence[Scores]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def results_of(team: Challenge, truth: Mapping[str, bool]) -> Results:
    """Return what a team's runs have come to."""
    took_s = [passed.answered_s - passed.given_s for passed in team.passed.values()] or [0.0]
    return Results(
        team.is_over,
        len(team.passed),
        sum(took_s),
        median(took_s),
        max(took_s),
        [score(truth, team.decisions(run)) for run in range(team.runs)],
    )
