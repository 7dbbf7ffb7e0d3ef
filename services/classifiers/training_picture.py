"""A picture of how a network learned, as SVG: no program is needed to draw it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 420, 240
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 56, 24, 52
_ROW = 18
# Told apart by dashes as well, whoever cannot tell the colours.
_INKS = (
    ("#2a6f97", "none"),
    ("#b3431b", "7 4"),
    ("#3d7a2a", "2 3"),
    ("#7a3d8f", "10 3 2 3"),
    ("#555", "4 6"),
)


@dataclass(frozen=True, slots=True)
class Panel:
    """One measure, as "loss". `lines` are its finite values by what they are of, the first after step 1."""

    measure: str
    lines: Mapping[str, Sequence[float]]


def training_svg(title: str, step: str, panels: Sequence[Panel]) -> str:
    """Return panels side by side, each measure over steps, such as "epoch", with a legend below.

    A line of a single value is a dot. Raises ValueError where there is no value at all.
    """
    if not any(values for panel in panels for values in panel.lines.values()):
        raise ValueError("no value to be drawn")
    width = (_LEFT + _WIDTH + _RIGHT) * len(panels)
    height = _TOP + _HEIGHT + _BOTTOM + _ROW * max(len(panel.lines) for panel in panels)
    drawn = "".join(
        f'<g transform="translate({number * width // len(panels)} 0)">{"".join(_panel(panel, step))}</g>'
        for number, panel in enumerate(panels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<text x="{width // 2}" y="24" text-anchor="middle" font-size="14">{escape(title)}</text>'
        f"{drawn}</svg>\n"
    )


def _panel(panel: Panel, step: str) -> Iterator[str]:
    values = [value for line in panel.lines.values() for value in line]
    low, high = min([*values, 0.0]), max(values, default=1.0)
    span = (high - low) or 1.0
    steps = max((len(line) for line in panel.lines.values()), default=1)

    def x(number: float) -> float:
        return _LEFT + (_WIDTH * (number - 1) / (steps - 1) if steps > 1 else _WIDTH / 2)

    def y(value: float) -> float:
        return _TOP + _HEIGHT * (1 - (value - low) / span)

    yield f'<path d="M{_LEFT} {_TOP}V{_TOP + _HEIGHT}H{_LEFT + _WIDTH}" stroke="#333" fill="none"/>'
    yield f'<text x="{_LEFT}" y="{_TOP - 12}">{escape(panel.measure)}</text>'
    for tick in (low + span * quarter / 4 for quarter in range(5)):
        yield f'<text x="{_LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.3g}</text>'
        yield f'<path d="M{_LEFT} {y(tick):.1f}h{_WIDTH}" stroke="#ddd"/>'
    for number in sorted({1, (steps + 1) // 2, steps}):
        at = f'x="{x(number):.1f}" y="{_TOP + _HEIGHT + 18}" text-anchor="middle"'
        yield f"<text {at}>{number}</text>"
    middle, below = _LEFT + _WIDTH / 2, _TOP + _HEIGHT + 36
    yield f'<text x="{middle:.0f}" y="{below}" text-anchor="middle">{escape(step)}</text>'
    for row, (name, line) in enumerate(panel.lines.items()):
        colour, dashes = _INKS[row % len(_INKS)]
        pen = f'stroke="{colour}" stroke-dasharray="{dashes}" stroke-width="2" fill="none"'
        points = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in enumerate(line, start=1))
        if len(line) == 1:
            yield f'<circle cx="{x(1):.1f}" cy="{y(line[0]):.1f}" r="4" fill="{colour}"/>'
        yield f'<polyline points="{points}" {pen}/>'
        at_y = below + _ROW * (row + 1)
        last = f", at last {line[-1]:.3g}" if line else ""
        yield f'<path d="M{_LEFT} {at_y - 4}h28" {pen}/>'
        yield f'<text x="{_LEFT + 36}" y="{at_y}">{escape(name)}{last}</text>'
