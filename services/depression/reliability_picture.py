"""A picture of whether probabilities are what they say, as SVG: no program is needed to draw it."""

from html import escape

from services.depression.model.assessment import Quality

_SIDE, _EDGE = 360, 48


def reliability_svg(quality: Quality, title: str) -> str:
    """Return what came true over what was said; a dot is the larger, the more users it stands for."""
    whole = max((each.users for each in quality.whole.bins), default=1.0)
    dots = [
        f'<circle cx="{_x(each.said):.1f}" cy="{_y(each.true):.1f}" '
        f'r="{3 + 9 * (each.users / whole) ** 0.5:.1f}" fill="#2a6f97" fill-opacity="0.75">'
        f"<title>said {each.said:.2f}, true {each.true:.2f}, {each.users:.0f} users</title></circle>"
        for each in quality.whole.bins
    ]
    points = " ".join(f"{_x(each.said):.1f},{_y(each.true):.1f}" for each in quality.whole.bins)
    ticks = [
        f'<text x="{_x(tick):.0f}" y="{_SIDE + _EDGE + 18}" text-anchor="middle">{tick:g}</text>'
        f'<text x="{_EDGE - 8}" y="{_y(tick) + 4:.0f}" text-anchor="end">{tick:g}</text>'
        for tick in (0, 0.25, 0.5, 0.75, 1)
    ]
    size = _SIDE + 2 * _EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>'
        f'<rect width="{size}" height="{size}" fill="#fff"/>'
        f'<text x="{size / 2:.0f}" y="24" text-anchor="middle">{escape(title)}</text>'
        f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#999" stroke-dasharray="4"/>'
        f'<path d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}" stroke="#333" fill="none"/>'
        f'<polyline points="{points}" stroke="#2a6f97" fill="none"/>{"".join(dots)}{"".join(ticks)}'
        f'<text x="{size / 2:.0f}" y="{size - 8}" text-anchor="middle">what was said</text>'
        f'<text x="14" y="{size / 2:.0f}" text-anchor="middle" transform="rotate(-90 14 {size / 2:.0f})">'
        f"what came true; calibration error {quality.whole.ece:.3f}</text></svg>\n"
    )


def _x(share: float) -> float:
    return _EDGE + _SIDE * share


def _y(share: float) -> float:
    return _EDGE + _SIDE * (1 - share)
