"""Where people say they are, made one of the gazetteer's places: a country, or a larger city in it.

A place is a code: "ES" for a country, "ES/Madrid" for a city, "" for what is none of them. The gazetteer says
where its names come from.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

from catenae import words_of

GAZETTEER = Path(__file__).parent / "gazetteer.tsv"
UNKNOWN = ""
_LONGEST = 200
_FIRST_FLAG = 0x1F1E6
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]{2}")
_ABBREVIATION = re.compile(r"\b(?:[A-Za-z]\.){2,}")
# Names that are words as well count where they are all that is said, or stand beside another place.
_WORDS_TOO = frozenset(
    ("of", "nice", "mobile", "bath", "reading", "jordan", "chad", "georgia", "mali", "us", "in")
)


class Gazetteer:
    """Places by what people call them.

    names  the words of a name, in one form → the place
    """

    def __init__(self, names: Mapping[tuple[str, ...], str]) -> None:
        self._names = names
        self._places = frozenset(names.values())
        self._longest = max(map(len, names), default=0)

    def place_of(self, stated: str) -> str:
        """Return the place that a text names, a city before its country; "" where it names none."""
        text = _ABBREVIATION.sub(lambda found: found[0].replace(".", ""), stated[:_LONGEST])
        flags = [
            "".join(chr(ord(sign) - _FIRST_FLAG + ord("A")) for sign in flag) for flag in _FLAG.findall(text)
        ]
        words = words_of(text)
        named = list(self._named(words))
        places = [place for place, name in named if len(words) == len(name) or name[0] not in _WORDS_TOO]
        if not places and len({country_of(place) for place, _ in named}) == 1 and len(named) > 1:
            places = [place for place, _ in named]
        places += [flag for flag in flags if (*words_of(flag),) in self._names or flag in self.countries]
        countries = [place for place in places if is_country(place)]
        for place in places:
            if not is_country(place) and (not countries or country_of(place) in countries):
                return place
        return countries[0] if countries else UNKNOWN

    def knows(self, place: str) -> bool:
        """Say whether there is such a place."""
        return place in self._places

    @property
    def countries(self) -> Collection[str]:
        """The codes of all countries."""
        return frozenset(place for place in self._places if is_country(place))

    def _named(self, words: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield places, each with its name, the longest name where several begin at one word."""
        at = 0
        while at < len(words):
            for length in range(min(self._longest, len(words) - at), 0, -1):
                name = tuple(words[at : at + length])
                if name in self._names:
                    yield self._names[name], name
                    at += length
                    break
            else:
                at += 1


def is_country(place: str) -> bool:
    """Say whether a place is a country as a whole."""
    return "/" not in place


def country_of(place: str) -> str:
    """Return the country of a place."""
    return place.partition("/")[0]


def is_within(place: str, places: Collection[str]) -> bool:
    """Say whether a place is one of several or in one of them; anywhere is where none is asked for."""
    return not places or place in places or country_of(place) in places


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer that is shipped."""
    names: dict[tuple[str, ...], str] = {}
    for line in GAZETTEER.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        place, _, called = line.partition("\t")
        for name in called.split("|"):
            names.setdefault(
                tuple(words_of(_ABBREVIATION.sub(lambda each: each[0].replace(".", ""), name))), place
            )
    names.pop((), None)
    return Gazetteer(names)
