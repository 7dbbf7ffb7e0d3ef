"""How texts were read by models of format 1, for as long as there are some; `text` says how they are now.

What such a model has counted can be taken away again only by the same reading.
"""

import re

from services.reddit.records import TextRecord

_WORD = re.compile(r"[^\W\d_]{2,}|(?<![^\W_])i(?![^\W_])")


def own_words(record: TextRecord) -> str:
    """Return title and body of a submission, the body of a comment; quotes and addresses included."""
    if record["kind"] == "submission":
        return f"{record['title']}\n{record['body']}"
    return record["body"]


def tokenise(text: str) -> list[str]:
    """Return the lower-case runs of two letters or more, and each "i" that stands alone, in order."""
    return _WORD.findall(text.lower())
