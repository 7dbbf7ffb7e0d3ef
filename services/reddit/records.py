"""One Reddit row of any origin → the one text record that the crawler, the replay and the trainer share.

Rows come from the API, from dumps and from collections. Seen in real ones: `created_utc` as int, float or
text; ids with and without `t1_`/`t3_`; `[deleted]` or `[removed]` in place of an author or a body; halves of
a surrogate pair; `&`, `<` and `>` escaped as the API has them unless it is asked for `raw_json`.
"""

import html
import math
import re
from collections.abc import Mapping
from operator import itemgetter
from typing import Annotated, Literal, NotRequired, TypedDict, cast

from msgspec import Meta

from services.reddit.notices import is_notice
from services.reddit.times import seconds_of

Kind = Literal["submission", "comment"]

_PREFIXES: Mapping[Kind, str] = {"submission": "t3_", "comment": "t1_"}
_BY_PREFIX: Mapping[str, Kind] = {prefix: kind for kind, prefix in _PREFIXES.items()}
_BY_KIND: Mapping[str, Kind] = {"t3": "submission", "t1": "comment", **{kind: kind for kind in _PREFIXES}}
# By the first characters of which field a row's kind is told, in the order in which they are believed.
_SIGNS = (("id", 3, _BY_PREFIX), ("name", 3, _BY_PREFIX), ("kind", None, _BY_KIND))
_FULL = tuple(_BY_PREFIX)
_TEXTS = ("title", "selftext", "body")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
# None of these is left in a text that was escaped.
_NOT_ESCAPED = re.compile(rf"[<>]|&(?!{_ENTITY.pattern[1:]})", re.IGNORECASE)
# The year 3000; a larger number counts milliseconds.
SECONDS_BELOW = 32_503_680_000
# Of a name or an id: longer ones than any network has, and none that a document or an address cannot hold.
NAME_CHARACTERS = 500
_UNFIT_IN_NAME = re.compile("[\x00-\x1f\x7f-\x9f]")


# Header of texts that came together, such as those of one visit to a user; its value tells them from others.
GROUP = "group"


class TextRecord(TypedDict):
    """One submission or comment of one author; a field without a value is the empty string."""

    id: str  # "t3_…" a submission, "t1_…" a comment; of another network, the address of a post
    author: str
    kind: Kind
    subreddit: str
    created_utc: int  # seconds
    title: str
    body: str
    link_id: str
    parent_id: str
    permalink: str
    generated: NotRequired[bool]  # true in demo data, otherwise absent
    images: NotRequired[list[str]]  # addresses or names of files, in order; absent where there are none


_ALWAYS = tuple(name for name in TextRecord.__annotations__ if name not in {"generated", "images"})
_IN_ORDER = frozenset({_ALWAYS, (*_ALWAYS, "generated")})
_names_of = itemgetter("id", "author", "kind", "created_utc", "title")
_texts_of = itemgetter("title", "body", "subreddit", "link_id", "parent_id", "permalink")
_USUAL_ID = re.compile(r"t[13]_[0-9a-z]{1,30}")
# No white space at its ends, nothing unfit, and no notice of a deletion.
_USUAL_AUTHOR = re.compile(r"[!-Z^-~]{1,100}")


# What a network writes in a field that others put together, where it writes anything; far longer than on any.
_Written = Annotated[str, Meta(max_length=2**22)] | None
MOST_IMAGES = 20
_Address = Annotated[str, Meta(max_length=2000)]


class TextRow(TypedDict, total=False):
    """What may come on `texts`: a text record, or a Reddit row of any origin, of which the rest is left out.

    removed  the text is taken away again
    """

    id: _Written
    name: _Written
    author: _Written
    kind: _Written
    subreddit: _Written
    created_utc: int | float | str | None
    title: _Written
    selftext: _Written
    body: _Written
    link_id: _Written
    parent_id: _Written
    permalink: _Written
    images: Annotated[list[_Address], Meta(max_length=MOST_IMAGES)] | None
    generated: bool | None
    removed: bool | None


class OddRow(ValueError):
    """A row that holds no text of a known author; `reason` is short, fixed and fit for counting."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def text_record(row: object) -> TextRecord:
    """Return the text record of one decoded row; a text record itself passes unchanged.

    Raises OddRow; its reason is one of "not an object", "no id", "bad id", "no author", "bad author",
    "deleted author", "bad created_utc" and "no text", where there are no images either.
    """
    if not isinstance(row, Mapping):
        raise OddRow("not an object")
    if _is_record(row):
        return cast("TextRecord", {**row})
    kind = _kind(row)
    title = _text(row, "title") if kind == "submission" else ""
    body = _text(row, "body") or (_text(row, "selftext") if kind == "submission" else "")
    if ("&" in title or "&" in body) and _is_escaped(row):
        title, body = _shown(title), _shown(body)
    record = TextRecord(
        id=_id(row, kind),
        author=_author(row),
        kind=kind,
        subreddit=_text(row, "subreddit"),
        created_utc=_created_utc(row),
        title=title,
        body=body,
        link_id=_text(row, "link_id"),
        parent_id=_text(row, "parent_id"),
        permalink=_text(row, "permalink"),
    )
    if row.get("generated") is True:
        record["generated"] = True
    if images := _images(row):
        record["images"] = images
    if not (title.strip() or body.strip() or images or row.get("thumbnails")):
        raise OddRow("no text")
    return record


def _is_record(row: Mapping[str, object]) -> bool:
    """Say whether a row is surely a text record; of those with a bracket or half a letter it is not said.

    Each post passes `text_record` at least three times. To see that it is one takes a third of making one.
    """
    if tuple(row) not in _IN_ORDER or row.get("generated", True) is not True:
        return False
    name, author, kind, created_utc, title = _names_of(row)
    texts = _texts_of(row)
    try:
        text = "".join(texts)
        if not (text.isascii() or text.encode()) or "[" in text:
            return False
        return (
            bool(_USUAL_ID.fullmatch(name) and _USUAL_AUTHOR.fullmatch(author))
            and _BY_PREFIX[name[:3]] == kind
            and type(created_utc) is int
            and 0 <= created_utc < SECONDS_BELOW
            and (not title or kind == "submission")
            and not (title + texts[1]).isspace()
            and bool(title or texts[1])
        )
    except (TypeError, UnicodeEncodeError):
        return False


def is_gone(row: Mapping[str, object]) -> bool:
    """Say whether author, title or body of an API's row was deleted or removed."""
    if not isinstance(row.get("author"), str):
        return True
    return any(isinstance(found := row.get(field), str) and is_notice(found) for field in ("author", *_TEXTS))


def _kind(row: Mapping[str, object]) -> Kind:
    """Tell by the prefix of its full name, else by the `kind` field, else by what only one kind has.

    A comment may come with the title of its thread, which would be its own if it was taken for a submission.
    """
    for field, length, kinds in _SIGNS:
        found = row.get(field)
        if isinstance(found, str) and (kind := kinds.get(found[:length])):
            return kind
    if row.get("body") and (row.get("parent_id") or row.get("link_id")):
        return "comment"
    return "submission" if "title" in row or "selftext" in row else "comment"


def _is_escaped(row: Mapping[str, object]) -> bool:
    """Say whether a row's texts, of which one has an ampersand, are escaped, as Reddit's API has them.

    Only what comes with a bare id, as Reddit gives it, may be: what the crawler or another network hands over
    has a full one, as every text record has. So nothing is unescaped twice.
    """
    name = row.get("id")
    if isinstance(name, str) and (name.startswith(_FULL) or "://" in name):
        return False
    return not any(_NOT_ESCAPED.search(str(row.get(field) or "")) for field in _TEXTS)


def _images(row: Mapping[str, object]) -> list[str]:
    found = row.get("images")
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _shown(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def _id(row: Mapping[str, object], kind: Kind) -> str:
    bare = _text(row, "id").removeprefix(_PREFIXES[kind])
    if not bare:
        raise OddRow("no id")
    if not _is_name(bare):
        raise OddRow("bad id")
    return bare if "://" in bare else _PREFIXES[kind] + bare


def _author(row: Mapping[str, object]) -> str:
    author = row.get("author")
    if not isinstance(author, str) or not author.strip():
        raise OddRow("no author")
    if is_notice(author):
        raise OddRow("deleted author")
    name = _text(row, "author").strip()
    if not _is_name(name):
        raise OddRow("bad author")
    return name


def _is_name(text: str) -> bool:
    return len(text) <= NAME_CHARACTERS and _UNFIT_IN_NAME.search(text) is None


def _created_utc(row: Mapping[str, object]) -> int:
    found = row.get("created_utc")
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise OddRow("bad created_utc")
    try:
        seconds = _seconds(found)
    except (ValueError, OverflowError):
        raise OddRow("bad created_utc") from None
    if not math.isfinite(seconds) or not 0 <= seconds < SECONDS_BELOW:
        raise OddRow("bad created_utc")
    return int(seconds)


def _seconds(found: float | str) -> float:
    try:
        return float(found)
    except ValueError:
        return seconds_of(str(found))


def _text(row: Mapping[str, object], field: str) -> str:
    """Return a field's text; empty if it is absent, not a text, or was deleted. Always encodable as UTF-8."""
    found = row.get(field)
    if not isinstance(found, str) or is_notice(found):
        return ""
    return found if found.isascii() else found.encode("utf-8", "replace").decode("utf-8")
