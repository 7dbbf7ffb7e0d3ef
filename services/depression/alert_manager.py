"""Fifth stage: the users that are worth an expert's look, each once."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from catenae import ConfigError, Message, Middle, State
from services.depression.values import WITHDRAWN, Alert, UserProbability
from services.reddit.records import GROUP

# The thresholds at which the paper's incremental method was evaluated.
_RAISED = 0.5
_BANDS = ((0.9, "very high"), (0.75, "high"), (_RAISED, "raised"), (0.0, "low"))
BANDS = tuple(name for _, name in _BANDS)
_HOUR_S = 3600
# What others are told of an alert; the rest of what is remembered serves to follow it.
_SHOWN = tuple(Alert.__annotations__)


class AlertManager(Middle):
    """Open one alert per user whose probability reaches the threshold, with posts enough behind it.

    Reads `UserProbability`; writes `Alert`. A user is judged by whole groups of posts: those written in one
    hour, or those that came by one visit, as the header `GROUP` says. An alert that some posts of a group
    open follows that group to its end, and is taken back should the whole group not be worth it. Once a post
    of another group has come it stays, whatever the probability does then; no second one is ever opened.

    So neither the order in which the posts of a group come, nor how they are cut into batches, nor a batch
    that comes again changes which users have an alert, by how many posts and which post it was opened, or
    anything else that stands in it once the group is there. In between, an alert may come and go; of posts
    that come in one batch only the last of each user and group speaks.

    threshold  the model's own, unless given; 0 … 1
    min_posts  posts of a user before which there is no alert and no band above "raised"; the model's own,
               unless given
    """

    def __init__(
        self,
        alerts: State[dict[str, Any]],
        threshold: float | None = None,
        min_posts: int | None = None,
    ) -> None:
        if threshold is not None and not 0 <= threshold <= 1:
            raise ConfigError(f"option 'threshold' of AlertManager is {threshold}; give a probability, 0 … 1")
        if min_posts is not None and min_posts < 1:
            raise ConfigError(f"option 'min_posts' of AlertManager is {min_posts}; give 1 or more")
        self._alerts = alerts
        self._threshold = threshold
        self._min_posts = min_posts

    def transform_many(self, messages: Sequence[Message[UserProbability]]) -> Iterator[Message]:
        alerts = self._alerts.get_many(list(dict.fromkeys(message.value["user"] for message in messages)))
        for message, group in _last_of_groups(messages):
            user = message.value["user"]
            before = alerts.get(user)
            after = self._follow(message.value, group, before, message.timestamp_ms)
            if after is not None:
                alerts[user] = self._alerts[user] = after
                yield message.derive(_shown(after))
            elif before is not None:
                del alerts[user], self._alerts[user]
                withdrawn = message.derive({"id": user, "user": user})
                yield withdrawn._replace(headers={**message.headers, WITHDRAWN: b""})

    def _follow(
        self, now: UserProbability, group: str, alert: dict[str, Any] | None, at_ms: int
    ) -> dict[str, Any] | None:
        """Return what to remember of the alert as it is now, at_ms: opened, updated, or None without one."""
        threshold = now["threshold"] if self._threshold is None else self._threshold
        min_posts = now.get("min_posts", 1) if self._min_posts is None else self._min_posts
        if alert is None or alert.get("opened_in") == group:
            if now["probability"] < threshold or now["posts"] < min_posts:
                return None
            opened = _opened(now, threshold) | {"opened_in": group}
            opened["raised_ms"] = at_ms if alert is None else alert["raised_ms"]
        else:
            # Of one from before this was kept, the time of the post is the nearest that is known.
            opened = {"raised_ms": alert["opened_utc"] * 1000, **alert, "opened_in": None}
        peak_before = _peak_before(opened, group)
        return {
            **opened,
            "posts_since": opened["posts_since"] + _posts_more(now, opened),
            "updated_utc": now["last_utc"],
            "probability": now["probability"],
            "peak_probability": max(peak_before, now["probability"]),
            "band": band(now["probability"], opened["threshold"], is_few=now["posts"] < min_posts),
            "model": now["model"],
            "counted": {**_counted(opened), now["model"]: now["posts"]},
            "group": group,
            "peak_before": peak_before,
        }


def band(probability: float, threshold: float = _RAISED, *, is_few: bool = False) -> str:
    """Return "very high" from .9 on, "high" from .75, "raised" from .5 or a lower threshold, else "low".

    is_few  there are too few posts for more than "raised"
    """
    if _RAISED > probability >= threshold:
        return "raised"
    bands = (name for least, name in _BANDS if probability >= least and not (is_few and least > _RAISED))
    return next(bands)


def height(band_name: str) -> int:
    """Return a number that is greater for a higher band."""
    return -BANDS.index(band_name)


def _last_of_groups(messages: Sequence[Message]) -> Iterator[tuple[Message, str]]:
    """Yield messages in order, with their groups, without those that are followed by one of the same."""
    kept: list[tuple[Message, str]] = []
    following: dict[str, str] = {}
    for message in reversed(messages):
        user, group = message.value["user"], _group(message)
        if following.get(user) != group:
            kept.append((message, group))
        following[user] = group
    yield from reversed(kept)


def _group(message: Message) -> str:
    """Return what a post came together with; another version of the model counts for itself."""
    named = message.headers.get(GROUP)
    together = f"hour {message.value['created_utc'] // _HOUR_S}" if named is None else named.decode("latin-1")
    return f"{message.value['model']} {together}"


def _shown(alert: Mapping[str, Any]) -> Alert:
    """Return of what is remembered that which others are told."""
    return cast("Alert", {field: alert[field] for field in _SHOWN})


def _peak_before(alert: Mapping[str, Any], group: str) -> float:
    """Return the highest probability by the groups before this one, 0 where it is the first."""
    if alert.get("group") == group:
        return float(alert["peak_before"])
    peak: float = alert.get("peak_probability", 0.0)
    return peak


def _counted(alert: Mapping[str, Any]) -> dict[str, int]:
    """Return after how many posts each version of the model last spoke of the alert's user."""
    known: dict[str, int] | None = alert.get("counted")
    return known or {alert["model"]: alert["opened_after"] + alert["posts_since"]}


def _posts_more(now: UserProbability, alert: Mapping[str, Any]) -> int:
    """Return how many posts there are more than before. Each version counts those that it was there for."""
    return now["posts"] - _counted(alert).get(now["model"], now["posts"] - 1)


def _opened(now: UserProbability, threshold: float) -> dict[str, Any]:
    """Return what never changes about a new alert, and from where its posts are counted."""
    return {
        "id": now["user"],
        "user": now["user"],
        "opened_utc": now["last_utc"],
        "opened_by": now.get("last_id", now["post_id"]),
        "opened_after": now["posts"],
        "threshold": threshold,
        "posts_since": 0,
        "counted": {now["model"]: now["posts"]},
    }
