"""The words that are in most texts of a language; they tell it, and say nothing of a topic."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "function_words.tsv"


@cache
def by_language() -> Mapping[str, frozenset[str]]:
    """Return them by the code of their language."""
    lines = (line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#"))
    parts = (line.partition("\t") for line in lines)
    return {language: frozenset(words.split()) for language, _, words in parts}


@cache
def of_any_language() -> frozenset[str]:
    """Return those of all languages."""
    return frozenset().union(*by_language().values())
