"""Rows as aligned columns of plain text, the same on a terminal and in a pipe."""

from collections.abc import Iterable, Sequence

from catenae.terminal import one_line

Cell = str | int


def columns(heading: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return the lines: numbers to the right with separated thousands, texts to the left on one line."""
    cells = list(rows)
    is_number = [
        bool(cells) and all(isinstance(row[place], int) for row in cells) for place in range(len(heading))
    ]
    shown = [list(heading)] + [
        [f"{cell:,}" if isinstance(cell, int) else one_line(cell) for cell in row] for row in cells
    ]
    widths = [max(len(row[place]) for row in shown) for place in range(len(heading))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ).rstrip()
        for row in shown
    )
