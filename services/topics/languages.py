"""In which language a post is: as it says, else as far as its script and its commonest words tell."""

import re
from collections.abc import Collection

from catenae import words_of
from services.topics.function_words import by_language

UNKNOWN = ""
_LEAST = 2
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
)


def language_of(text: str, stated: str = "") -> str:
    """Return a code of two or three letters, "" where nothing tells; what is stated counts before all."""
    code = stated.strip().partition("-")[0].partition("_")[0].lower()
    if code.isascii() and code.isalpha() and len(code) in {2, 3}:
        return code
    if not text.isascii():
        for language, script in _SCRIPTS:
            if script.search(text):
                return language
    words = words_of(text)
    counted = {language: sum(word in common for word in words) for language, common in by_language().items()}
    best, second = sorted(counted, key=lambda each: -counted[each])[:2]
    return best if counted[best] >= _LEAST and counted[best] > counted[second] else UNKNOWN


def is_wanted(language: str, languages: Collection[str]) -> bool:
    """Say whether a post of a language is wanted; where some are asked for, one of none is not."""
    return not languages or language in languages
