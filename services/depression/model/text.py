"""From a text record to the words that count: the author's own, in lower case."""

import re

from services.reddit.records import TextRecord

_WORD = re.compile(r"[^\W\d_]{2,}|(?<![^\W_])i(?![^\W_])")


def own_words(record: TextRecord) -> str:
    """Return what the author wrote: a submission's title and body joined by a newline, a comment's body.

    The title of the thread a comment answers is another person's words and never part of it.
    """
    if record["kind"] == "submission":
        return f"{record['title']}\n{record['body']}"
    return record["body"]


def tokenise(text: str) -> list[str]:
    """Return the lower-case words of two letters or more, and the pronoun "i", in order.

    Letters are those of any script; digits and underscores end a word. The words of two texts joined by a
    newline are the words of the one and then of the other, so counts add up.
    """
    return _WORD.findall(text.lower())
