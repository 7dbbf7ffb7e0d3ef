"""A picture of measures side by side, as SVG: a group of bars for each, a bar for each that has it."""

from collections.abc import Iterator, Mapping
from html import escape

_HEIGHT, _LEFT, _TOP, _BOTTOM = 240, 48, 48, 44
_BAR, _BETWEEN, _ROW = 48, 36, 18
_INKS = ("#2a6f97", "#d9a05b", "#3d7a2a", "#7a3d8f")


def bars_svg(title: str, measures: Mapping[str, Mapping[str, float]]) -> str:
    """Return bars from 0 to 1 by measure, and in it by what was measured; with each its value, and a legend.

    Raises ValueError where there is none.
    """
    names = list(dict.fromkeys(name for each in measures.values() for name in each))
    if not names:
        raise ValueError("no value to be drawn")
    group = _BAR * len(names) + _BETWEEN
    width = max(_LEFT + group * len(measures) + 24, 420)
    height = _TOP + _HEIGHT + _BOTTOM + _ROW * len(names)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>'
        f'<text x="{width // 2}" y="24" text-anchor="middle" font-size="14">{escape(title)}</text>'
        f"{''.join(_lines(width))}{''.join(_bars(measures, names, group))}{''.join(_legend(names))}</svg>\n"
    )


def _lines(width: int) -> Iterator[str]:
    for quarter in range(5):
        y = _y(quarter / 4)
        yield f'<path d="M{_LEFT} {y:.1f}H{width - 24}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{quarter / 4:g}</text>'


def _bars(measures: Mapping[str, Mapping[str, float]], names: list[str], group: int) -> Iterator[str]:
    for number, (measure, values) in enumerate(measures.items()):
        left = _LEFT + _BETWEEN // 2 + group * number
        for name, value in values.items():
            x, y = left + _BAR * names.index(name), _y(value)
            colour = _INKS[names.index(name) % len(_INKS)]
            yield f'<rect x="{x}" y="{y:.1f}" width="{_BAR - 4}" height="{_y(0) - y:.1f}" fill="{colour}"/>'
            yield f'<text x="{x + _BAR / 2 - 2}" y="{y - 4:.1f}" text-anchor="middle">{value:.3f}</text>'
        middle = left + (group - _BETWEEN) / 2
        yield f'<text x="{middle}" y="{_y(0) + 18}" text-anchor="middle">{escape(measure)}</text>'


def _legend(names: list[str]) -> Iterator[str]:
    for row, name in enumerate(names):
        y = _TOP + _HEIGHT + _BOTTOM + _ROW * row
        yield f'<rect x="{_LEFT}" y="{y - 10}" width="28" height="10" fill="{_INKS[row % len(_INKS)]}"/>'
        yield f'<text x="{_LEFT + 36}" y="{y}">{escape(name)}</text>'


def _y(value: float) -> float:
    return _TOP + _HEIGHT * (1 - value)
