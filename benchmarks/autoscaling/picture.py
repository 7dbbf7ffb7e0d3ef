"""What one seed looks like, as SVG: the load, what each rule has of instances, and what waits."""

from collections.abc import Mapping, Sequence

from benchmarks.autoscaling.load import Hours
from benchmarks.autoscaling.world import RATE_PER_S, Outcome

_WIDTH, _HEIGHT, _LEFT, _TOP, _GAP = 900, 150, 60, 28, 46
_STEP_S = 20
# Twice what the peak needs; what is above is cut off.
_MOST = 60
_GREY = 'fill="#555"'
_MIDDLE = f'text-anchor="middle" {_GREY}'
_COLOURS = ("#0b6e4f", "#b3541e", "#6a4c93")


def picture(hours: Hours, outcomes: Mapping[str, Outcome]) -> str:
    """Return the picture of what some rules made of the same hours, each a panel below the load."""
    needed = [rate * slower / RATE_PER_S for rate, slower in zip(hours.arrives, hours.slower, strict=True)]
    panels = [
        _panel(place, name, each, needed, colour)
        for place, ((name, each), colour) in enumerate(zip(outcomes.items(), _COLOURS, strict=False))
    ]
    height = _TOP + len(panels) * (_HEIGHT + _GAP) + 12
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 20} {height}" '
        f'font-family="sans-serif" font-size="12" role="img">\n'
        f"<title>Instances over three hours: grey what the load needs, in colour what there are</title>\n"
        f'<rect width="100%" height="100%" fill="#fff"/>\n{"".join(panels)}</svg>\n'
    )


def _panel(place: int, name: str, outcome: Outcome, needed: Sequence[float], colour: str) -> str:
    top = _TOP + place * (_HEIGHT + _GAP)
    ticks = "".join(
        f'<text x="{_LEFT - 6}" y="{top + _HEIGHT * (1 - share) + 4:.0f}" text-anchor="end" {_GREY}>'
        f"{_MOST * share:.0f}</text>\n"
        for share in (0, 0.5, 1)
    )
    hours = "".join(
        f'<text x="{_LEFT + _WIDTH * hour / 3:.0f}" y="{top + _HEIGHT + 14}" {_MIDDLE}>{hour} h</text>\n'
        for hour in range(4)
    )
    said = (
        f"{name}: {outcome.instance_hours:.0f} instance-hours, {outcome.changes} changes, "
        f"{outcome.late:.1%} of posts more than 10 s late"
    )
    return (
        f'<text x="{_LEFT}" y="{top - 8}" font-weight="bold">{said}</text>\n'
        f'<path d="{_line(needed, top)}" fill="none" stroke="#aaa"/>\n'
        f'<path d="{_line(outcome.instances, top)}" fill="none" stroke="{colour}" stroke-width="2"/>\n'
        f'<path d="M{_LEFT} {top}V{top + _HEIGHT}H{_LEFT + _WIDTH}" fill="none" stroke="#555"/>\n'
        f"{ticks}{hours}"
    )


def _line(values: Sequence[float], top: int) -> str:
    """Return a path, of the highest value of each step, so that no peak is left out."""
    steps = [max(values[at : at + _STEP_S]) for at in range(0, len(values), _STEP_S)]
    points = (
        f"{_LEFT + _WIDTH * number / len(steps):.1f} {top + _HEIGHT * (1 - min(value, _MOST) / _MOST):.1f}"
        for number, value in enumerate(steps)
    )
    return "M" + "L".join(points)
