"""A user's row of a public Weibo collection → the text records that all networks become.

A row is {"nickname": …, "label": "1" or "0", "tweets": [{"tweet_content": …,
"posting_time": "2020-01-31 08:30", …}, …]}. Times are those of Shanghai. Of a repost only what its author put
in front counts: behind "//@" stand others' words.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from hashlib import blake2b
from typing import Any

from services.reddit.records import OddRow, TextRecord, text_record
from services.reddit.times import seconds_of

NETWORK = "weibo"
# There has been one time in all of China since 1949, and no summer time since 1991.
_SHANGHAI = timezone(timedelta(hours=8))
_REPOSTED = "//@"
# What Weibo writes where somebody has reposted without a word.
_SILENT = frozenset(("转发微博", "轉發微博", "Repost"))
_LABELS: Mapping[str, bool] = {"1": True, "0": False}
_ID_BYTES = 16


def nickname(row: Any) -> str:
    """Return who a row is of; raise OddRow, "not an object" or "no author"."""
    if not isinstance(row, Mapping):
        raise OddRow("not an object")
    name = row.get("nickname")
    if not isinstance(name, str) or not name.strip():
        raise OddRow("no author")
    return name.strip()


def label(row: Mapping[str, Any]) -> bool | None:
    """Return what a row is labelled, None for neither 1 nor 0."""
    return _LABELS.get(str(row.get("label")).strip())


def tweets(row: Mapping[str, Any]) -> list[Any]:
    """Return what a user wrote, by time; what has none comes first. Raises OddRow, "no tweets"."""
    found = row.get("tweets")
    if not isinstance(found, list):
        raise OddRow("no tweets")
    return sorted(found, key=_when)


def record(author: str, tweet: Any) -> TextRecord:
    """Return the text record of one tweet; raise OddRow as `text_record`, or for a "bad posting_time"."""
    if not isinstance(tweet, Mapping):
        raise OddRow("not an object")
    content, time = tweet.get("tweet_content"), tweet.get("posting_time")
    if not isinstance(content, str):
        raise OddRow("no text")
    made = text_record(
        {
            "id": f"{NETWORK}://{_digest(author, str(time), content)}",
            "author": author,
            "kind": "comment",
            "subreddit": NETWORK,
            "created_utc": _seconds(time),
            "body": _own(content),
        }
    )
    if tweet.get("generated") is True:
        made["generated"] = True
    return made


def _own(content: str) -> str:
    own = content.partition(_REPOSTED)[0].strip()
    return "" if own in _SILENT else own


def _seconds(time: Any) -> float:
    if not isinstance(time, str):
        raise OddRow("bad posting_time")
    try:
        # As of the same hour in UTC, which that time is then moved from.
        written = datetime.fromtimestamp(seconds_of(time), UTC)
        return written.replace(tzinfo=_SHANGHAI).timestamp()
    except (ValueError, OverflowError, OSError):
        raise OddRow("bad posting_time") from None


def _when(tweet: Any) -> float:
    try:
        return _seconds(tweet.get("posting_time")) if isinstance(tweet, Mapping) else 0.0
    except OddRow:
        return 0.0


def _digest(*parts: str) -> str:
    """Return what stands for a tweet, which has no id: equal ones of one user are one."""
    told = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(told, digest_size=_ID_BYTES).hexdigest()
