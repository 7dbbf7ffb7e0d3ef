"""What came of methods on the same posts and folds, as tables for people and as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from services.classifiers.measures import Spread, spread


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of each method in each fold, by names of methods and columns; and on what."""

    posts: int
    positives: int
    repeated: int
    contradicting: int
    split_by_user: bool
    folds: int
    methods: Mapping[str, Mapping[str, Sequence[float]]]

    def spreads(self, method: str) -> Mapping[str, Spread]:
        """Return each column of a method over the folds."""
        return {column: spread(values) for column, values in self.methods[method].items()}

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, and nobody's text."""
        told = {
            name: {
                column: {**asdict(over), "folds": list(self.methods[name][column])}
                for column, over in self.spreads(name).items()
            }
            for name in self.methods
        }
        return {**asdict(self), "methods": told}


def tables_of(comparison: Comparison, title: str) -> Iterable[Table]:
    """Yield the mean of each column ± its deviation, and F1 fold by fold where that is a column.

    Of a single fold there is no deviation, and nothing fold by fold.
    """
    spreads = {name: comparison.spreads(name) for name in comparison.methods}
    columns = list(next(iter(spreads.values())))
    shown = Table("method", *columns, title=f"{title}, {_folds(comparison.folds)}", box=None)
    for name, each in spreads.items():
        shown.add_row(name, *(_shown(each[column], comparison.folds) for column in columns))
    yield shown
    if "f1" in columns and comparison.folds > 1:
        by_fold = Table("F1 of fold", *comparison.methods, box=None)
        folds = zip(*(each["f1"] for each in comparison.methods.values()), strict=True)
        for number, values in enumerate(folds, start=1):
            by_fold.add_row(str(number), *(f"{value:.3f}" for value in values))
        yield by_fold


def _shown(found: Spread, folds: int) -> str:
    return f"{found.mean:.3f} ± {found.deviation:.3f}" if folds > 1 else f"{found.mean:.3f}"


def _folds(folds: int) -> str:
    return "1 fold" if folds == 1 else f"{folds} folds"
