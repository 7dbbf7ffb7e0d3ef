"""How a model reads texts: the reading it was trained with is the one it is used with, for good."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.depression.model import former_text, text
from services.reddit.records import TextRecord


@dataclass(frozen=True, slots=True)
class Reading:
    """From a text record to words, in the same way wherever a model is trained, evaluated, used or explained.

    own_words  what of a record its author wrote
    tokenise   the words of it, in order; a newline between two texts keeps their words apart
    """

    version: int
    own_words: Callable[[TextRecord], str]
    tokenise: Callable[[str], Sequence[str]]

    def words(self, record: TextRecord) -> Sequence[str]:
        """Return the words that count of a record."""
        return self.tokenise(self.own_words(record))


FORMER = Reading(1, former_text.own_words, former_text.tokenise)
NEWEST = Reading(2, text.own_words, text.tokenise)
READINGS: Mapping[int, Reading] = {each.version: each for each in (FORMER, NEWEST)}
