"""From a text record to the words that count: the author's own, whole, in lower case and one normal form."""

import html
import re
from functools import cache
from unicodedata import category, normalize

from services.reddit.records import TextRecord

# A line that quotes somebody, as in Markdown and mail; no spoiler, ">!…!<", and no face, ">:(" or ">_<".
_QUOTED = re.compile(r"^[ \t\u200b\ufeff]{0,3}>(?!!|[:;]['-]?[()/\\|DPO3]|[._]<).*", re.MULTILINE)
# Where a Markdown link leads to; what is linked are the author's words.
_TARGET = re.compile(r'\]\((?:[^\s()]|\([^\s()]*\))+(?:\s+"[^"\n]*")?\s*\)')
_ADDRESS = re.compile(
    r"""
    (?<![\w.-])
    (?: [a-z][a-z0-9+.-]*://                                 # any scheme
      | www\. | mailto:
      | [a-z0-9.+-]+@(?=[a-z0-9-]+\.[a-z])                   # of mail
      | (?:[a-z0-9-]+\.)+(?:[a-z]{2,}/|(?:com|net|org)\b)    # none
    )
    [!#-;=?-~]*  # ASCII, but for quotation marks and angle brackets
    """,
    re.VERBOSE | re.IGNORECASE,
)
# No address is without; it is looked for in a tenth of the time.
_MAYBE_ADDRESS = re.compile(r"[.:@][A-Za-z0-9/]")
# By these, Reddit's editor writes spaces and joiners; a number is never a word that somebody meant.
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|nbsp|zwj|zwnj);", re.IGNORECASE)

# Shown as nothing, wherever it stands: soft hyphens, directions, byte order marks, variants of a glyph.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180d\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef]+"
)
_PRONOUN = r"(?<![^\W_])i(?![^\W_])"
# The next one among ASCII, in half the time.
_ASCII_WORD = re.compile(r"[a-z]{2,}|(?<![a-z0-9])i(?![a-z0-9])")
_PLAIN_WORD = re.compile(rf"[^\W\d_]{{2,}}|{_PRONOUN}")
# No mark or joiner is anywhere else; Latin letters, punctuation and emoji are.
_MAYBE_MARKS = re.compile("[\u0300-\u1fff\u200c\u200d\u20d0-\u20ff\u2cef-\ufe2f\U00010000-\U0001efff]")
# Behind it there are no marks but variants of a glyph.
_LAST_WITH_MARKS = 0x1F000


def own_words(record: TextRecord) -> str:
    """Return what the author wrote: a submission's title and body joined by a newline, a comment's body.

    The title of the thread a comment answers is another person's words and never part of it; nor are lines
    that quote, and addresses, of which nobody chose the words. Of a link the words that are linked stay.
    """
    text = f"{record['title']}\n{record['body']}" if record["kind"] == "submission" else record["body"]
    # Most texts have none of these, and a sign without which there is none is found in no time.
    if ">" in text:
        text = _QUOTED.sub("", text)
    if "](" in text:
        text = _TARGET.sub("] ", text)
    if _MAYBE_ADDRESS.search(text):
        text = _ADDRESS.sub(" ", text)
    return _REFERENCE.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def tokenise(text: str) -> list[str]:
    """Return the lower-case words of two letters or more, and the pronoun "i", in order.

    Letters are those of any script, each with its accents, vowel signs and joiners, in Unicode's form NFC:
    texts that look alike have the same words. A vowel sign or accent that no letter is made with counts as a
    letter; digits and underscores end a word. The words of two texts joined by a newline are the words of the
    one and then of the other, so counts add up.
    """
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    composed = normalize("NFC", _INVISIBLE.sub("", text).lower())
    word = _word() if _MAYBE_MARKS.search(composed) else _PLAIN_WORD
    return word.findall(composed)


@cache
def _word() -> re.Pattern[str]:
    """Return what finds a word of any script; only once, as it takes a while to look for all marks."""
    letter, joiners, marks = r"[^\W\d_]", "\u200c\u200d", _marks()
    return re.compile(
        rf"{letter}(?:{letter}++|[{marks}]++|[{joiners}]++(?={letter}))++"
        rf"|{_PRONOUN}"
    )


def _marks() -> str:
    """Return the code points that belong to the letter before them, as ranges of a pattern."""
    kinds = map(category, map(chr, range(_LAST_WITH_MARKS)))
    marks = [point for point, kind in enumerate(kinds) if kind in {"Mn", "Mc"}]
    known = set(marks)
    first = [chr(point) for point in marks if point - 1 not in known]
    last = [chr(point) for point in marks if point + 1 not in known]
    return "".join(f"{one}-{other}" for one, other in zip(first, last, strict=True))
