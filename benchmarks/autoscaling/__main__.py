"""Run every rule on the same hours, of some seeds: how long posts wait, and for how many instance-hours."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean
from typing import NamedTuple

from benchmarks.autoscaling.load import hours
from benchmarks.autoscaling.picture import picture
from benchmarks.autoscaling.rules import Flink, Keda, Numaflow, Ours, Static
from benchmarks.autoscaling.world import Outcome, Rule, World, run

# As many as the highest load of all needs: 1,000 posts a second in a burst.
PEAK = 30
PICTURED = ("Catenae", "KEDA, threshold 500", "Numaflow")


class Contestant(NamedTuple):
    """A rule, how many instances it begins with, and for how long a change stops the work."""

    make: Callable[[], Rule]
    begins_with: int = 24
    stall_s: float = 1.0

    def outcome(self, seed: int) -> Outcome:
        return run(self.make(), World(hours(seed), seed, self.begins_with, self.stall_s))


CONTESTANTS = {
    f"static {PEAK}, the peak": Contestant(lambda: Static(PEAK), begins_with=PEAK),
    "KEDA, threshold 10": Contestant(lambda: Keda(10)),
    "KEDA, threshold 500": Contestant(lambda: Keda(500)),
    "Numaflow": Contestant(Numaflow),
    "Flink, shorter defaults": Contestant(Flink, stall_s=30.0),
    "Catenae": Contestant(lambda: Ours(0.8)),
    "Catenae, target .9": Contestant(lambda: Ours(0.9)),
}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.autoscaling", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--output", type=Path, help="where to write the figures as JSON")
    parser.add_argument("--picture", type=Path, help="where to draw the first seed")
    given = parser.parse_args(arguments)
    figures, first = {}, {}
    for name, contestant in CONTESTANTS.items():
        outcomes = [contestant.outcome(seed) for seed in range(given.seeds)]
        first[name], figures[name] = outcomes[0], summary(outcomes)
        print(name, json.dumps(figures[name]), flush=True)
    if given.output:
        given.output.write_text(json.dumps({"seeds": given.seeds, "rules": figures}, indent=2) + "\n")
    if given.picture:
        given.picture.write_text(picture(hours(0), {name: first[name] for name in PICTURED}))


def summary(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Return the means over the seeds, and the worst of what must not happen."""
    return {
        "instance_hours": round(mean(each.instance_hours for each in outcomes), 1),
        "changes": round(mean(each.changes for each in outcomes), 1),
        "most_changes": max(each.changes for each in outcomes),
        "reversals": sum(each.reversals for each in outcomes),
        "late_percent": round(100 * mean(each.late for each in outcomes), 3),
        "most_late_percent": round(100 * max(each.late for each in outcomes), 3),
        "p99_s": round(mean(each.p99_s for each in outcomes), 1),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
