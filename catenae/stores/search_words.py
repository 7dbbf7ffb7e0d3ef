"""What a text search compares: words in one form, the same in whichever store documents are kept."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catenae.errors import StoreError
from catenae.store import Between
from catenae.stores.document_query import checked_bounds, checked_collection, checked_projection

# Each character is a word in scripts that put nothing between words: Thai, Lao, Burmese, Khmer, Kana, Han.
_ALONE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}_])\w)+")
_QUOTED = re.compile(r'"([^"]*)"|([^"\s]+)')
# A store keeps a place in order of time by this many bits; later is no time of anything.
_MOMENT_BELOW = 2**35
MOST_WORDS = 32


def words_of(text: str) -> list[str]:
    """Return the words of a text in their order: small letters, digits, no accents."""
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(each for each in letters if not unicodedata.combining(each))
    return _WORD.findall(text.lower())


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """By which fields a collection is searched: texts, and the whole number that orders what is found."""

    fields: tuple[str, ...]
    order: str

    def words(self, document: Mapping[str, Any]) -> list[str]:
        """Return the words that a document is found by."""
        return [word for field in self.fields for word in words_of(str(document.get(field) or ""))]

    def moment(self, document: Mapping[str, Any]) -> int:
        """Return by what a document is ordered; 0 where it has no such number."""
        found = document.get(self.order)
        if not isinstance(found, int | float) or isinstance(found, bool):
            return 0
        return int(min(max(found, 0), _MOMENT_BELOW - 1))


def search_index(fields: Sequence[str], order: str) -> SearchIndex:
    """Return the index of these fields; StoreError for an unfit name, or one within another field."""
    names = tuple(checked_projection([*fields, order]))
    if not fields or any("." in name for name in names):
        raise StoreError(f"documents are searched by fields of their own; found {list(fields)!r}, {order!r}")
    return SearchIndex(tuple(checked_projection(fields)), order)


class Searched:
    """The collections that are searched in this process, and by what."""

    def __init__(self) -> None:
        self._indexes: dict[str, SearchIndex] = {}

    def add(self, collection: str, index: SearchIndex) -> None:
        self._indexes[collection] = index

    def index(self, collection: str) -> SearchIndex:
        """Return by what a collection is searched; StoreError for one of which nobody has said it."""
        if checked_collection(collection) not in self._indexes:
            raise StoreError(
                f"collection {collection!r} is searched, nobody has said by what; call ensure_search first"
            )
        return self._indexes[collection]


def other_fields(collection: str) -> StoreError:
    """Return what is wrong where a collection is to be searched in two ways."""
    return StoreError(f"collection {collection!r} is searched by other fields already; search it by the same")


def phrases_of(text: str) -> list[tuple[str, ...]]:
    """Return what a document must hold to be found: words, and words that stand together.

    Together stand what is between quotation marks, and what a script writes without a space.
    """
    parts = (words_of(quoted or bare) for quoted, bare in _QUOTED.findall(text))
    phrases = list(dict.fromkeys(tuple(words) for words in parts if words))
    if sum(map(len, phrases)) > MOST_WORDS:
        raise StoreError(f"a search is for {MOST_WORDS} words at most; leave some out")
    return phrases


def holds(words: Sequence[str], phrases: Sequence[Sequence[str]]) -> bool:
    """Say whether a text of these words holds every phrase."""
    text = f" {' '.join(words)} "
    return all(f" {' '.join(phrase)} " in text for phrase in phrases)


class TextQuery:
    """What `Documents.search` looks for, to be looked for in what is not stored; errors as there."""

    def __init__(self, text: str) -> None:
        self._phrases = phrases_of(text)

    @property
    def is_empty(self) -> bool:
        """Whether there is no word in it, so that nothing is found."""
        return not self._phrases

    def finds(self, *texts: str) -> bool:
        """Say whether a document of these texts, each a field, would be found."""
        return not self.is_empty and holds([word for text in texts for word in words_of(text)], self._phrases)


def moments(order: str, between: Between | None) -> tuple[int, int]:
    """Return from where on, and up to where, `between` lets through; StoreError for no numbers."""
    if between is None:
        return 0, _MOMENT_BELOW
    at_least, below = checked_bounds(order, between)
    if isinstance(at_least, str) or isinstance(below, str):
        raise StoreError(f"what is found is ordered by the number {order!r}; give numbers to lie between")
    first = 0 if at_least is None else min(max(-int(-at_least // 1), 0), _MOMENT_BELOW)
    last = _MOMENT_BELOW if below is None else min(max(-int(-below // 1), 0), _MOMENT_BELOW)
    return first, last
