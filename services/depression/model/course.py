"""The course of a user: what a model makes of them after each post, without a topology.

The reference for the running one, and linear in the number of terms.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.depression.model import picture
from services.depression.model.artefact import Model
from services.depression.model.collection import Post
from services.depression.model.counts import Entries, Floats, Ints, Rows, count_terms, lay_out
from services.depression.model.diary import DAY_S
from services.depression.model.evidence import Signs
from services.depression.model.reading import Reading
from services.depression.model.segments import add, touched, unpack_segments

HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Written:
    """The known words of each post of one user, in the order of the posts.

    counts, before  (entries,)  of the post, and of the user before it
    ends            (posts,)    whether it is the last that was written in its hour
    days            (posts,)    on which it was written, by number since 1970
    """

    entries: Entries
    counts: Ints
    before: Ints
    ends: npt.NDArray[np.bool_]
    days: Rows

    def changes(self, idf: Floats) -> tuple[Floats, Floats]:
        """Return by how much each entry changes f·c, and each post Σ (f·c)²."""
        change = picture.tfidf_change(self.entries, self.counts, idf)
        return change, picture.squared_norm_change(self.entries, self.counts, self.before, idf)

    def sums(self, idf: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return Σ w·f·c and Σ (f·c)² after each post, (posts,) each."""
        change, squared_norm = self.changes(idf)
        return np.cumsum(picture.dot_change(self.entries, change, weights)), np.cumsum(squared_norm)

    def evidence(self, idf: Floats, weights: Floats, prior: float) -> Floats:
        """Return what the words of each post add to the score of that post alone, (posts,)."""
        change, _ = self.changes(idf)
        own = picture.own_tfidf(self.entries, change)
        damped = picture.damped(self.entries, own, change, prior)
        return self.entries.total(picture.contributions(self.entries, damped, weights))

    @property
    def posts(self) -> Floats:
        """How many posts there are after each, (posts,)."""
        return np.arange(1.0, self.entries.size + 1)


def written(
    texts: Iterable[str], times: Sequence[int], index: Mapping[str, int], reading: Reading
) -> Written:
    """Count the known words of texts of own words alone, that one user wrote at these times, in seconds."""
    counted = [count_terms(text, index, reading) for text in texts]
    entries = lay_out([post.ids for post in counted])
    counts = np.concatenate([post.counts for post in counted], dtype=np.int32) if counted else entries.ids
    where = touched(entries, np.zeros(entries.size, np.intp))
    before = add(unpack_segments([b""] * len(where.users)), where, counts)
    at_utc = np.asarray(times, np.intp)
    hours = at_utc // HOUR_S
    ends = np.append(hours[1:] != hours[:-1], True)[: entries.size]
    return Written(entries, counts, before, ends, at_utc // DAY_S)


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of one user after each post; arrays of (posts,).

    probability  of the user
    uncalibrated the same before it is calibrated
    plain        by the paper's rule, without an evidence prior too
    evidence     what the words of the post alone add to its own score
    ends         whether the post is the last of its hour
    days         on which it was written, by number since 1970
    log_odds     of which `probability` is made
    """

    probability: Floats
    uncalibrated: Floats
    plain: Floats
    evidence: Floats
    ends: npt.NDArray[np.bool_]
    days: Rows
    log_odds: Floats

    def signs(self, middle: float) -> Signs:
        """Return what rules go by that add up single posts."""
        return Signs(self.evidence - middle, self.days, self.log_odds)


def course(model: Model, posts: Sequence[Post]) -> Course:
    """Return what a model makes of a user's posts, one at least, in their order."""
    of_user = written(
        (post.text for post in posts), [post.created_utc for post in posts], model.index, model.reading
    )
    sums = of_user.sums(model.idf, model.weights)
    prior = model.certainty.prior
    log_odds = model.log_odds(*sums, of_user.posts)
    return Course(
        picture.sigmoid(log_odds),
        picture.sigmoid(picture.score(*sums, model.bias, prior)),
        picture.sigmoid(picture.score(*sums, model.bias)),
        of_user.evidence(model.idf, model.weights, prior),
        of_user.ends,
        of_user.days,
        log_odds,
    )
