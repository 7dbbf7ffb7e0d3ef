"""The rules of `EvidenceAdder`: what each keeps of single posts, as it is stored, and what that comes to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.depression.model import diary
from services.depression.model.evidence import DECAYED, STRETCH, STRONGEST, WORDS_AND_STRONGEST, EvidenceRules
from services.depression.model.strongest import Strongest, strongest_of
from services.depression.values import TfidfChange

Packed = list[Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of single posts.

    name       in an evaluation
    kept       what it keeps; rules that keep the same go on from each other's
    changed    returns what is kept after a post, by its evidence, the negative of one that is removed
    log_odds   returns what that comes to, given the log-odds of all words
    strongest  returns posts that it names, and what each adds to the log-odds
    """

    name: str
    kept: str
    changed: Callable[[Packed, TfidfChange, float, EvidenceRules], Packed]
    log_odds: Callable[[Packed, float, EvidenceRules], float]
    strongest: Callable[[Packed, EvidenceRules], list[list[str | float]]] = lambda _packed, _rules: []


def _day_changed(packed: Packed, post: TfidfChange, evidence: float, _rules: EvidenceRules) -> Packed:
    return diary.unpacked(packed).changed(post["created_utc"], evidence, _more(post)).packed()


def _stretch(packed: Packed, _words: float, rules: EvidenceRules) -> float:
    return diary.unpacked(packed).stretch(rules.middle).total


def _decayed(packed: Packed, _words: float, rules: EvidenceRules) -> float:
    return diary.unpacked(packed).decayed(rules.middle)


def _strongest_changed(packed: Packed, post: TfidfChange, evidence: float, rules: EvidenceRules) -> Packed:
    more = _more(post)
    return _strongest(packed).changed(post["post_id"], more * evidence - rules.middle, more).packed()


def _words_and_strongest(packed: Packed, words: float, rules: EvidenceRules) -> float:
    return words + rules.weight * _strongest(packed).mean


def _named(packed: Packed, rules: EvidenceRules) -> list[list[str | float]]:
    each_counts = rules.weight / STRONGEST
    return [[post_id, each_counts * evidence] for post_id, evidence in _strongest(packed).first()]


def _strongest(packed: Packed) -> Strongest:
    return strongest_of(packed) if packed else Strongest()


def _more(post: TfidfChange) -> int:
    return -1 if post["removed"] else 1


# By the name of the option.
RULES: Mapping[str, Rule] = {
    "stretch": Rule(STRETCH, "days", _day_changed, _stretch),
    "decayed": Rule(DECAYED, "days", _day_changed, _decayed),
    "strongest": Rule(WORDS_AND_STRONGEST, "posts", _strongest_changed, _words_and_strongest, _named),
}
