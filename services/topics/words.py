"""The words and hashtags of a post that are counted."""

import re
from collections.abc import Iterable

from catenae import words_of
from services.classifiers.preprocessing import preprocessing
from services.topics.function_words import of_any_language

MOST_WORDS = 500
_TAG = re.compile(r"(?<!\w)[#＃](\w{1,100})")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_prepare = preprocessing(("entities", "privacy", "links", "mentions", "brackets", "emoticons"))


def hashtags(text: str) -> list[str]:
    """Return the hashtags of a text, each once, without the sign; a number is none."""
    found = ("".join(words_of(tag)) for tag in _TAG.findall(text))
    return list(dict.fromkeys(tag for tag in found if tag and not tag.isdecimal()))


def counted_words(text: str) -> list[str]:
    """Return the words of a text, each once: two letters or more, no numbers; of Chinese two in a row."""
    prepared = _prepare(text)
    found = dict.fromkeys(
        word for word in words_of(prepared) if len(word) > 1 and not any(map(str.isdecimal, word))
    )
    for run in _HAN.findall(prepared):
        found.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
    return list(found)[:MOST_WORDS]


def without_function_words(words: Iterable[str]) -> list[str]:
    """Return the words that say what a text is about."""
    return [word for word in words if word not in of_any_language()]
