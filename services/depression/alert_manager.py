"""Fifth stage: the users that are worth an expert's look, each once."""

from collections.abc import Iterator, Sequence
from typing import Any

from catenae import ConfigError, Message, Middle, State
from services.depression.values import Alert, UserProbability
from services.forgetting.request import is_request

# The thresholds at which the paper's incremental method was evaluated.
_BANDS = ((0.9, "very high"), (0.75, "high"), (0.5, "raised"), (0.0, "low"))


class AlertManager(Middle):
    """Open one alert per user once the probability reaches the threshold.

    Reads `UserProbability`; writes `Alert`. An open alert follows its user, whatever the probability does
    then; no second one is ever opened.

    threshold  the model's own, unless given; 0 … 1
    """

    def __init__(self, alerts: State[dict[str, Any]], threshold: float | None = None) -> None:
        if threshold is not None and not 0 <= threshold <= 1:
            raise ConfigError(f"option 'threshold' of AlertManager is {threshold}; give a probability, 0 … 1")
        self._alerts = alerts
        self._threshold = threshold

    def transform_many(self, messages: Sequence[Message[UserProbability]]) -> Iterator[Message]:
        alerts = self._alerts.get_many(list(dict.fromkeys(message.value["user"] for message in messages)))
        for message in messages:
            if is_request(message):
                yield self._forget(message, alerts)
                continue
            before = alerts.get(message.value["user"])
            alert = self._follow(message.value, before, message.timestamp_ms)
            if alert is not None:
                counted = {"counted": {**_counted(before), alert["model"]: message.value["posts"]}}
                alerts[alert["user"]] = self._alerts[alert["user"]] = {**alert, **counted}
                yield message.derive(alert)

    def _forget(self, request: Message, alerts: dict[str, dict[str, Any]]) -> Message:
        user = request.value["user"]
        alerts.pop(user, None)
        if user in self._alerts:
            del self._alerts[user]
        return request.derive(request.value)

    def _follow(self, now: UserProbability, alert: dict[str, Any] | None, at_ms: int) -> Alert | None:
        """Return the alert as it is now, at_ms: opened, updated, or None where there is none."""
        threshold = now["threshold"] if self._threshold is None else self._threshold
        if alert is None and now["probability"] < threshold:
            return None
        opened = _opened(now, threshold) if alert is None else alert
        return Alert(
            id=now["user"],
            user=now["user"],
            # Of one from before this was kept, the time of the post is the nearest that is known.
            raised_ms=at_ms if alert is None else alert.get("raised_ms", alert["opened_utc"] * 1000),
            opened_utc=opened["opened_utc"],
            opened_by=opened["opened_by"],
            opened_after=opened["opened_after"],
            threshold=opened["threshold"],
            updated_utc=now["last_utc"],
            probability=now["probability"],
            peak_probability=max(opened["peak_probability"], now["probability"]),
            posts_since=0 if alert is None else alert["posts_since"] + _posts_more(now, alert),
            band=band(now["probability"]),
            model=now["model"],
        )


def band(probability: float) -> str:
    """Return "very high" from .9 on, "high" from .75, "raised" from .5, else "low"."""
    return next(name for least, name in _BANDS if probability >= least)


def _counted(alert: dict[str, Any] | None) -> dict[str, int]:
    """Return after how many posts each version of the model last spoke of the alert's user."""
    if alert is None:
        return {}
    known: dict[str, int] | None = alert.get("counted")
    return known or {alert["model"]: alert["opened_after"] + alert["posts_since"]}


def _posts_more(now: UserProbability, alert: dict[str, Any]) -> int:
    """Return how many posts there are more than before. Each version counts those that it was there for."""
    return now["posts"] - _counted(alert).get(now["model"], now["posts"] - 1)


def _opened(now: UserProbability, threshold: float) -> dict[str, Any]:
    """Return what never changes about a new alert, and the peak from which it starts."""
    return {
        "opened_utc": now["created_utc"],
        "opened_by": now["post_id"],
        "opened_after": now["posts"],
        "threshold": threshold,
        "peak_probability": now["probability"],
    }
