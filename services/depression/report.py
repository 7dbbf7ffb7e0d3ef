"""What the commands print: tables and sentences, made of figures alone."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from rich.table import Table

from services.depression.model.artefact import Model
from services.depression.model.collection import Collection
from services.depression.model.scores import Scores
from services.depression.recipe import Report
from services.depression.run import Summary


def training_summary(model: Model, report: Report, set_aside: Mapping[str, int]) -> str:
    """Say in three lines what was trained, by which trial, and which rows were left out, by reason."""
    best = report.best
    return (
        f"model {model.version}: {report.users} users, {report.positives} positive; "
        f"{report.terms:,} words that {report.min_df} users share, {report.terms_with_weight} with a weight\n"
        f"best of {len(report.trials)} trials: C={best.strength:g}, class weight {best.class_weight}, "
        f"cross-validated F1 {best.f1:.3f}\n"
        f"rows set aside in the whole collection: {_odd(set_aside)}"
    )


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


def scores_table(scores: Mapping[str, Scores], title: str) -> Table:
    """Return the scores of some methods, one per row."""
    table = Table("method", title=title)
    for measure in ("P", "R", "F1", "ERDE5", "ERDE50", "latency F1"):
        table.add_column(measure, justify="right")
    for method, found in scores.items():
        table.add_row(method, *(f"{value:.3f}" for value in asdict(found).values()))
    return table


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
        "alerts": f"{summary.alerts:,}, the first time that p >= {threshold:g} (incremental)",
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
