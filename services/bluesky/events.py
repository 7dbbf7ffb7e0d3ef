"""One event of a Jetstream → what it means to us: a text record, something deleted, or nothing.

An event of the `/subscribe` endpoint says `did`, `time_us` (microseconds since 1970, growing), `kind` and,
for a commit, `commit` with `operation`, `collection`, `rkey` and `record`. Accounts and identities are told
of whatever is subscribed to.
"""

from collections.abc import Collection, Mapping
from typing import Any

from services.reddit.records import OddRow, text_record
from services.reddit.times import seconds_of

COLLECTION = "app.bsky.feed.post"
# Others, such as "suspended" and "deactivated", may be taken back, and nothing is sent again then.
_GONE_FOR_GOOD = ("deleted", "takendown")

Value = Mapping[str, Any]


def value_of(event: object, languages: Collection[str] = ()) -> Value | None:
    """Return the text record of a new post, `{"author", "id", "deleted": true}` of a post that was deleted,
    the same without an id of an account that was, and None for all else.

    languages  of the posts wanted, such as "en", which "en-GB" is as well; all if there is none

    An update of a post is left alone, as Bluesky itself does. Raises OddRow for what is no event.
    """
    if not isinstance(event, Mapping) or not isinstance(event.get("did"), str):
        raise OddRow("not an event")
    author = event["did"]
    match event:
        case {"kind": "account", "account": {"active": False, "status": status}} if status in _GONE_FOR_GOOD:
            return {"author": author, "deleted": True}
        case {"kind": "commit", "commit": {"collection": str(found), "rkey": str(key), **commit}}:
            if found != COLLECTION:
                return None
            if commit.get("operation") == "delete":
                return {"author": author, "id": _address(author, key), "deleted": True}
            if commit.get("operation") == "create":
                return _post(author, key, commit.get("record"), event.get("time_us"), languages)
    return None


def _post(author: str, key: str, record: object, time_us: object, languages: Collection[str]) -> Value | None:
    if not isinstance(record, Mapping):
        raise OddRow("no record")
    text = record.get("text")
    if not isinstance(text, str) or not text.strip() or not _is_wanted(record.get("langs"), languages):
        return None
    reply = record.get("reply")
    row = {
        "id": _address(author, key),
        "author": author,
        "kind": "submission" if reply is None else "comment",
        "created_utc": _written_utc(record.get("createdAt"), time_us),
        "body": text,
        "link_id": _uri(reply, "root"),
        "parent_id": _uri(reply, "parent"),
        "permalink": f"https://bsky.app/profile/{author}/post/{key}",
        "generated": record.get("generated"),
    }
    return text_record(row)


def _is_wanted(found: object, languages: Collection[str]) -> bool:
    """Say whether a post is in one of the languages; one that does not say its own is not."""
    if not languages:
        return True
    return isinstance(found, list) and any(
        isinstance(language, str) and language.partition("-")[0].lower() in languages for language in found
    )


def _written_utc(created_at: object, time_us: object) -> float:
    """Return when a post was written by its author's clock, which is often wrong, else when it was seen.

    A time without a zone is UTC.
    """
    if not isinstance(time_us, int):
        raise OddRow("no time")
    seen_utc = time_us / 1_000_000
    try:
        written_utc = seconds_of(str(created_at))
    except ValueError:
        return seen_utc
    return written_utc if 0 <= written_utc < seen_utc else seen_utc


def _uri(reply: object, which: str) -> str:
    match reply:
        case {"root": {"uri": str(root)}, "parent": {"uri": str(parent)}}:
            return root if which == "root" else parent
    return ""


def _address(author: str, key: str) -> str:
    return f"at://{author}/{COLLECTION}/{key}"
