"""How well a training does, before and after: the paper's way beside today's, on the same users held out.

    python -m benchmarks.screening_quality COLLECTION [FILE.json]

The users are split into halves by five seeds; one half trains, the other is screened by the running rule of
either model. Figures are means of the five, with the mean ends of their intervals (bootstrap over users).
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from services.depression.evaluate import Evaluation, evaluate, probabilities, split_users
from services.depression.model.artefact import Model
from services.depression.model.collections import open_collection
from services.depression.model.policies import RUNNING
from services.depression.recipe import PAPER, Recipe
from services.depression.train import train

SEEDS = range(5)
RECIPES = {"the paper's": PAPER, "today's": Recipe()}
LITTLE = (
    "I don't.",
    "Life is good, I feel great, happy birthday!",
    "I feel so empty and tired, I cannot go on.",
)


def main(arguments: Sequence[str]) -> None:
    collection = open_collection(Path(arguments[0]))
    found: dict[str, list[Mapping[str, float]]] = {name: [] for name in RECIPES}
    for seed in SEEDS:
        trained_on, screened = map(collection.only, split_users(collection.truth, seed))
        for name, recipe in RECIPES.items():
            model, _ = train(trained_on, recipe)
            found[name].append(figures(model, evaluate(model, screened, seed)))
            print(seed, name, {key: round(value, 3) for key, value in found[name][-1].items()}, flush=True)
    means = {
        name: {key: float(np.mean([each[key] for each in of_seeds])) for key in of_seeds[0]}
        for name, of_seeds in found.items()
    }
    print(f"{'mean of five splits':32}", *(f"{name:>12}" for name in means))
    for key in means["today's"]:
        print(f"{key:32}", *(f"{each[key]:12.3f}" for each in means.values()))
    if len(arguments) > 1:
        Path(arguments[1]).write_text(json.dumps({"means": means, "splits": found}, indent=2) + "\n")


def figures(model: Model, found: Evaluation) -> dict[str, float]:
    """Return what is compared, by name."""
    rule, quality = found.methods[RUNNING], found.quality
    measured = {
        "F1": (rule.scores.f1, rule.intervals["f1"]),
        "latency F1": (rule.scores.latency_f1, rule.intervals["latency_f1"]),
        "ERDE50": (rule.scores.erde50, rule.intervals["erde50"]),
        "AUC": (quality.auc or 0.0, quality.auc_interval),
    }
    shown: dict[str, float] = {}
    for name, (value, interval) in measured.items():
        shown |= {name: value, f"{name}, low": interval.low, f"{name}, high": interval.high}
    shown |= {f"false alerts within {most} posts": count for most, count in rule.false_alerts.items()}
    shown |= {"false alerts": rule.false_positives, "threshold": model.threshold}
    shown |= {"calibration error": quality.whole.ece}
    shown |= {f"calibration error from {each.least} posts": each.ece for each in quality.strata}
    first = [of_user.probability[0] for of_user in found.courses.values()]
    shown["users above it after 1 post"] = sum(float(each) >= model.threshold for each in first)
    shown["highest p after 1 post"] = float(max(first))
    return shown | {
        f"p of text {number}": float(probabilities(model, [text])[0]) for number, text in enumerate(LITTLE, 1)
    }


if __name__ == "__main__":
    main(sys.argv[1:])
