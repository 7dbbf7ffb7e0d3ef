"""What is to be known of a model before it is relied on, as a page; made of what its manifest says."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.depression.model.about import ABOUT
from services.depression.model.scores import MEASURES

_COUNTS = ("users", "positives", "posts")


def model_card(manifest: Mapping[str, Any]) -> str:
    """Return the page, in Markdown; of a manifest of any format, what it does not say is left out."""
    return "\n".join(_lines(manifest)) + "\n"


def _lines(manifest: Mapping[str, Any]) -> Iterator[str]:
    facts = manifest.get("training", {})
    yield f"# Model {manifest['version']}: signs of {manifest.get('about', ABOUT)}"
    yield ""
    yield "It supports experts; it never decides about a person. A probability is what a word model makes of"
    yield "somebody's writing, and no diagnosis."
    yield ""
    yield "## Trained on"
    yield ""
    said = {name: facts.get(name, "not said") for name in ("collection", "users_trained_on", *_COUNTS)}
    yield f"- Collection: {said['collection']}, users: {said['users_trained_on']}"
    yield f"- {said['users']} users, {said['positives']} positive, {said['posts']} posts"
    if "first_utc" in facts:
        yield f"- Written from {_day(facts['first_utc'])} to {_day(facts['last_utc'])}"
    yield f"- {facts.get('terms', 'not said')} words, of whatever languages its users wrote"
    yield f"- Reading {manifest.get('reading', 1)} of texts"
    yield ""
    yield "## How it runs"
    yield ""
    rule = manifest.get("certainty", {})
    posts = rule.get("min_posts", 1)
    yield f"- An alert from p = {manifest['threshold']:g} on, after {posts} posts or more"
    yield f"- Evidence prior {rule.get('prior', 0):g}"
    yield f"- {'Calibrated' if rule.get('calibration') else 'Not calibrated'} by number of posts"
    yield ""
    if "running_rule" in facts:
        yield from _measures(facts["running_rule"])
        yield from _strata(facts["quality"])
    yield "## Known failures, and what it is not for"
    yield ""
    yield "- Users of another network, language, subject or time: it is at chance there and as sure as ever."
    yield "  Compare them first (`./screening drift`), and evaluate on some of them."
    yield "- Users who write fiction or advise others; users with few posts, of whom it says about what holds"
    yield "  of anybody."
    yield "- Decisions about persons without a trained person's look; employment, insurance, police."
    yield "- Figures above are of users held out of the same collection, and are lower anywhere else."


def _measures(rule: Mapping[str, Any]) -> Iterator[str]:
    yield "## Cross-validated, as it runs"
    yield ""
    yield "| measure | value | 95 of 100 draws of the users |"
    yield "|---|---|---|"
    for measure, name in MEASURES.items():
        low, high = rule["intervals"][measure]
        yield f"| {name} | {rule[measure]:.3f} | {low:.3f}–{high:.3f} |"
    yield ""
    yield (
        f"{rule['true_positives']} users rightly alerted, {rule['false_positives']} wrongly; "
        f"{rule['false_negatives']} wrongly let pass, {rule['true_negatives']} rightly."
    )
    yield ""


def _strata(quality: Mapping[str, Any]) -> Iterator[str]:
    yield "## Probabilities by the number of posts"
    yield ""
    yield "| posts | users | calibration error | Brier |"
    yield "|---|---|---|---|"
    for each in _some(quality["strata"]):
        posts = f"{each['least']}+" if each["most"] is None else f"{each['least']}–{each['most']}"
        yield f"| {posts} | {each['users']} | {each['ece']:.3f} | {each['brier']:.3f} |"
    yield ""


def _some(strata: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [each for each in strata if each["users"]]


def _day(at_utc: int) -> str:
    return datetime.fromtimestamp(at_utc, UTC).date().isoformat()
