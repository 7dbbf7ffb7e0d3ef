"""A user's probability over time, with fewer points than posts where there are many."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from catenae import Documents
from services.api.answers import Course
from services.api.paging import every
from services.api.users import PROBABILITIES

# A few numbers each: as many as most people ever write come in one answer.
AT_ONCE = 10_000


class Point(NamedTuple):
    """The probability of the user after a post."""

    at_utc: int
    probability: float
    post_id: str
    model: str


def points_of(documents: Documents, user: str) -> Iterator[Point]:
    """Yield the probability after each post of a user, oldest first; what is none is left out."""
    fields = ["created_utc", "user_probability", "model"]
    where = {"user": user}
    for found in every(documents, PROBABILITIES, where, sort="created_utc", fields=fields, at_once=AT_ONCE):
        point = Point(found["created_utc"], found["user_probability"], found["id"], found["model"])
        if _is_one(point):
            yield point


def _is_one(point: Point) -> bool:
    return (
        type(point.at_utc) is int and type(point.probability) in (int, float) and isinstance(point.model, str)
    )


def course(user: str, threshold: float, trigger: str | None, points: Sequence[Point], most: int) -> Course:
    """Return a user's course in about `most` points."""
    shown = downsampled(points, most, trigger)
    models = list(dict.fromkeys(point.model for point in shown))
    number = {model: index for index, model in enumerate(models)}
    return Course(
        user=user,
        threshold=threshold,
        total=len(points),
        is_downsampled=len(shown) < len(points),
        trigger=trigger,
        points=[(each.at_utc, each.probability, each.post_id, number[each.model]) for each in shown],
        models=models,
    )


def downsampled(points: Sequence[Point], most: int, keep: str | None = None) -> list[Point]:
    """Return at most `most` points, and the one of post `keep`, that draw the same line.

    Of each stretch of equal time the first, last, least and largest: what a line chart of so many columns
    shows of it, so that no peak is lost (Jugel et al. 2014, "M4"). All are returned where there are few.
    """
    if len(points) <= most:
        return list(points)
    stretches = max(1, most // 4)
    start, end = points[0].at_utc, points[-1].at_utc
    length_s = (end - start) / stretches or 1.0
    chosen: set[int] = set()
    first = 0
    while first < len(points):
        until = start + (int((points[first].at_utc - start) / length_s) + 1) * length_s
        last = first
        while last + 1 < len(points) and points[last + 1].at_utc < until:
            last += 1
        stretch = range(first, last + 1)
        chosen |= {first, last}
        chosen |= {pick(stretch, key=lambda index: points[index].probability) for pick in (min, max)}
        first = last + 1
    return [point for index, point in enumerate(points) if index in chosen or point.post_id == keep]
