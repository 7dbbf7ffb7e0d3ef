"""What a paper has as pictures beside its table: how networks learned, and two of its rows side by side."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from services.classifiers.bars_picture import bars_svg
from services.classifiers.comparison import Comparison
from services.classifiers.measures import MEASURES
from services.classifiers.training_picture import Panel, training_svg

LOSSES, BESIDE = "loss.svg", "words.svg"
# A loss is of one batch, and jumps from one to the next.
_SMOOTHED = 20


def write_pictures(
    comparison: Comparison, losses: Mapping[str, Sequence[float]], beside: Sequence[str], folder: Path
) -> list[Path]:
    """Write what there is to be drawn into a folder, and return the files."""
    drawn = {LOSSES: losses_svg("loss over iterations", losses)} if losses else {}
    if beside:
        drawn[BESIDE] = _side_by_side(comparison, beside)
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in drawn.items():
        (folder / name).write_text(picture, "utf-8")
    return [folder / name for name in drawn]


def losses_svg(title: str, losses: Mapping[str, Sequence[float]]) -> str:
    """Return the loss over iterations, by what it is of, each a mean over those before it, as SVG."""
    lines = {name: _smooth(of) for name, of in losses.items()}
    return training_svg(title, "iteration", [Panel("loss", lines)])


def _side_by_side(comparison: Comparison, rows: Sequence[str]) -> str:
    spreads = {name: comparison.spreads(name) for name in rows}
    columns = [column for column in MEASURES if column in spreads[rows[0]]]
    measures = {column: {name: each[column].mean for name, each in spreads.items()} for column in columns}
    return bars_svg(" and ".join(rows), measures)


def _smooth(losses: Sequence[float]) -> list[float]:
    width = min(_SMOOTHED, len(losses))
    padded = np.pad(np.asarray(losses, np.float64), (width - 1, 0), mode="edge")
    smooth: list[float] = np.convolve(padded, np.ones(width) / width, mode="valid").tolist()
    return smooth
