"""What is shown of the counts of a search: a line over time, places, words, hashtags."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.api.review_answers import ShareAnswer
from services.api.shares import share
from services.api.topic_answers import (
    LabelCounts,
    TopicCounts,
    TopicMoment,
    TopicValue,
    TopicWord,
    TopicWords,
)
from services.topics.function_words import of_any_language
from services.topics.tally import HOUR_S, LABELS, Counts, Tally, Telling, telling

MOST_VALUES, MOST_WORDS = 300, 25
# So many moments make a line that can be read; a week is the longest of the steps.
MOST_MOMENTS = 200
_STEPS_S = (HOUR_S, 24 * HOUR_S, 7 * 24 * HOUR_S)


def counts_answer(counts: Tally, *, is_whole: bool) -> TopicCounts:
    """Return counts as they are shown."""
    of_all = counts["all"].get("", [0, 0, 0])
    raising, lowering = telling(counts["word"], MOST_WORDS)
    step_s = _step_s([int(hour) for hour in counts["hour"]])
    return TopicCounts(
        posts=sum(of_all),
        is_whole=is_whole,
        labels=LabelCounts(**_named(of_all)),
        share=_share(of_all),
        step_s=step_s,
        moments=_moments(counts["hour"], step_s),
        places=_values(counts["place"]),
        languages=_values(counts["language"]),
        sources=_values(counts["source"]),
        hashtags=_values(counts["hashtag"]),
        signs=_words(counts["word"], 0, raising),
        no_signs=_words(counts["word"], 1, lowering),
    )


def _named(counts: Counts) -> dict[str, Any]:
    return dict(zip(LABELS, counts, strict=True))


def _share(counts: Counts) -> ShareAnswer | None:
    found = share(counts[0], sum(counts))
    return None if found is None else ShareAnswer(**found._asdict())


def _step_s(hours: Sequence[int]) -> int:
    """Return the shortest step by which there are not too many moments."""
    span_s = max(hours, default=0) - min(hours, default=0)
    return next((step_s for step_s in _STEPS_S if span_s / step_s < MOST_MOMENTS), _STEPS_S[-1])


def _moments(hours: Mapping[str, Counts], step_s: int) -> list[TopicMoment]:
    by_moment: defaultdict[int, Counts] = defaultdict(lambda: [0, 0, 0])
    for hour, counts in hours.items():
        at_utc = int(hour) - int(hour) % step_s
        by_moment[at_utc] = [a + b for a, b in zip(by_moment[at_utc], counts, strict=True)]
    return [
        TopicMoment(at_utc=at_utc, share=_share(counts), **_named(counts))
        for at_utc, counts in sorted(by_moment.items())
    ]


def _values(counts: Mapping[str, Counts]) -> list[TopicValue]:
    """Return values, those of the most posts first."""
    ranked = sorted(counts.items(), key=lambda each: (-sum(each[1]), each[0]))
    return [TopicValue(value=value, **_named(of_value)) for value, of_value in ranked[:MOST_VALUES]]


def _words(counts: Mapping[str, Counts], label: int, found: Iterable[Telling]) -> TopicWords:
    """Return the words of a class: the most frequent that say what it is about, and the most telling."""
    z = {each.word: each.z for each in found}
    says_something = [each for each in counts.items() if each[1][label] and each[0] not in of_any_language()]
    frequent = sorted(says_something, key=lambda each: (-each[1][label], each[0]))[:MOST_WORDS]
    return TopicWords(
        frequent=[
            TopicWord(word=word, signs=of_word[0], no_signs=of_word[1], z=z.get(word, 0.0))
            for word, of_word in frequent
        ],
        telling=[
            TopicWord(word=word, signs=counts[word][0], no_signs=counts[word][1], z=each)
            for word, each in z.items()
        ],
    )
