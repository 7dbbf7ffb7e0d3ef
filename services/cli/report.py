"""What the commands print: tables and sentences, made of figures alone."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from services.cli.run import Summary
from services.depression.drift import Drift
from services.depression.model.artefact import Model
from services.depression.model.assessment import EARLY, Assessment, Quality
from services.depression.model.collection import Collection
from services.depression.model.intervals import Interval
from services.depression.model.reliability import BINS, Reliability
from services.depression.model.scores import MEASURES
from services.depression.recipe import Report


def training_summary(model: Model, report: Report, set_aside: Mapping[str, int]) -> str:
    """Say in a few lines what was trained, how it would have run, and which rows were left out, by reason."""
    best, rule = report.best, model.certainty
    figures = _with_intervals(report.running_rule)
    lines = [
        f"model {model.version}: {report.users} users, {report.positives} positive; "
        f"{report.terms:,} words that {report.min_df} users share, {report.terms_with_weight} with a weight",
        f"best of {len(report.trials)} trials: C={best.strength:g}, class weight {best.class_weight}, "
        f"cross-validated log loss {best.log_loss:.3f}, F1 of whole histories {best.f1:.3f}",
        f"running rule: alert at p >= {model.threshold:g} from {rule.min_posts} posts on, evidence prior "
        f"{rule.prior:g}, {'calibrated by number of posts' if rule.calibration else 'not calibrated'}",
        f"cross-validated as it runs: {figures}",
        f"calibration error, cross-validated: {_calibration_errors(report.quality)}",
        f"rows set aside in the whole collection: {_odd(set_aside)}",
    ]
    if report.is_at_edge:
        lines.append(
            f"warning: C={best.strength:g} is the largest that was tried; a larger one may do better still"
        )
    return "\n".join(lines)


def evaluation_notes(collection: Collection, *, users_known: bool) -> list[str]:
    """Return what to bear in mind with the scores on a collection."""
    notes = {
        "The model was trained on some of these users: the scores flatter it": users_known,
        "None of these users is positive: precision, recall and F1 mean nothing": not any(
            collection.truth.values()
        ),
        f"Rows set aside in the whole collection: {_odd(collection.set_aside)}": bool(collection.set_aside),
    }
    return [note for note, holds in notes.items() if holds]


def scores_table(methods: Mapping[str, Assessment], title: str) -> Table:
    """Return the measures of some methods, one per row; of F1, where it lies in 95 of 100 draws of users."""
    table = Table("method", title=title)
    for measure in (*MEASURES.values(), "F1 in"):
        table.add_column(measure, justify="right")
    for method, found in methods.items():
        scores = asdict(found.scores)
        figures = [f"{scores[measure]:.3f}" for measure in MEASURES]
        table.add_row(method, *figures, _interval(found.intervals["f1"]))
    return table


def decisions_table(methods: Mapping[str, Assessment]) -> Table:
    """Return how many users were rightly and wrongly alerted and let pass; FP within few posts apart."""
    table = Table("method", title="users")
    for name in ("TP", "FP", "FN", "TN", *(f"FP within {most} posts" for most in EARLY)):
        table.add_column(name, justify="right")
    for method, found in methods.items():
        table.add_row(method, *(str(count) for count in _counts(found)))
    return table


def quality_table(quality: Quality) -> Table:
    """Return how far probabilities are from what came true, after few posts and after many."""
    table = Table("posts seen", title="probabilities, each user counting once per row")
    for name in ("users", "calibration error", "Brier"):
        table.add_column(name, justify="right")
    for each in (quality.whole, *quality.strata):
        table.add_row(_stratum(each), f"{each.users:,}", f"{each.ece:.3f}", f"{each.brier:.3f}")
    return table


def reliability_table(found: Reliability) -> Table:
    """Return what came true of probabilities of about the same height."""
    table = Table("probability", title="what came true")
    for name in ("said", "true", "users"):
        table.add_column(name, justify="right")
    for each in found.bins:
        low = min(int(each.said * BINS), BINS - 1) / BINS
        name = f"{low:.1f}–{low + 1 / BINS:.1f}"
        table.add_row(name, f"{each.said:.2f}", f"{each.true:.2f}", f"{each.users:.0f}")
    return table


def differences_table(differences: Mapping[str, tuple[float, Interval]], title: str) -> Table:
    """Return by how much measures differ, and where that lies in 95 of 100 draws of the users."""
    table = Table("measure", "difference", "in", title=title)
    for measure, (difference, interval) in differences.items():
        name = MEASURES.get(measure, measure.upper())
        table.add_row(name, f"{difference:+.3f}", f"{interval.low:+.3f} … {interval.high:+.3f}")
    return table


def drift_table(found: Drift, title: str) -> Table:
    """Return how the users of a collection differ from those of the training."""
    table = Table(title=title, show_header=False)
    rows = {
        "users": f"{found.users:,}",
        "stability index of probabilities": f"{found.scores:.3f}",
        "stability index of known words": f"{found.words:.3f}",
        "words known, median user": f"{found.known:.0%}; {found.known_then:.0%} in training",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def quality_line(quality: Quality) -> str:
    """Say how well users are told apart by all that they wrote."""
    if quality.auc is None:
        return "AUC: none, as only one class is there"
    return f"AUC {quality.auc:.3f} ({_interval(quality.auc_interval)}) by the probability after all posts"


def _with_intervals(found: Assessment) -> str:
    scores = asdict(found.scores)
    return ", ".join(
        f"{name} {scores[measure]:.3f} ({_interval(found.intervals[measure])})"
        for measure, name in MEASURES.items()
    )


def _interval(interval: Interval) -> str:
    return f"{interval.low:.2f}–{interval.high:.2f}"


def _counts(found: Assessment) -> list[int]:
    decided = (found.true_positives, found.false_positives, found.false_negatives, found.true_negatives)
    return [*decided, *found.false_alerts.values()]


def _calibration_errors(quality: Quality) -> str:
    by_stratum = ", ".join(f"{each.ece:.3f} after {_stratum(each)}" for each in quality.strata if each.users)
    return f"{quality.whole.ece:.3f}; {by_stratum} posts"


def _stratum(found: Reliability) -> str:
    if found.most is None:
        return "all" if found.least == 1 else f"{found.least}+"
    return f"{found.least}–{found.most}"


def run_table(summary: Summary, collection: Path, threshold: float, set_aside: Mapping[str, int]) -> Table:
    """Return what a run came to.

    threshold  the probability from which on a user is alerted
    set_aside  reason → rows of the whole collection that hold no usable post
    """
    scores = summary.scores
    new = f"{summary.new_posts:,} in {summary.elapsed_s:.1f} s"
    rate = f"{summary.new_posts / summary.elapsed_s:,.0f} posts/s, start included"
    table = Table(title=f"screened {collection.name}, users the model has not seen", show_header=False)
    rows = {
        "posts": f"{summary.posts:,}",
        "new in this run": f"{new}: {rate}" if summary.new_posts else "none; --fresh starts over",
        "users": f"{summary.users:,}",
        "rows set aside": _odd(set_aside),
        "alerts": f"{summary.alerts:,}, the first time that p >= {threshold:g} (running rule)",
        "precision": f"{scores.precision:.3f}",
        "recall": f"{scores.recall:.3f}",
        "F1": f"{scores.f1:.3f}",
        "ERDE5": f"{scores.erde5:.3f}",
        "ERDE50": f"{scores.erde50:.3f}",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _odd(set_aside: Mapping[str, int]) -> str:
    return ", ".join(f"{rows:,} {reason}" for reason, rows in sorted(set_aside.items())) or "none"
