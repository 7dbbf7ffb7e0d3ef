"""One alert per user."""

from typing import Any

import pytest

from catenae import ConfigError, Message
from catenae.testing import MemoryState, message
from services.depression.alert_manager import AlertManager, band

HOUR_S = 3600


def picture(posts: int, probability: float, user: str = "ann") -> Message:
    value = {
        "user": user,
        "probability": probability,
        "threshold": 0.5,
        "posts": posts,
        "first_utc": HOUR_S,
        "last_utc": HOUR_S * posts,
        "post_id": f"t1_{posts}",
        "created_utc": HOUR_S * posts,
        "model": "m",
    }
    return message(value, key=user)


def alerts(manager: AlertManager, *messages: Message) -> list[dict[str, Any]]:
    return [alert.value for alert in manager.transform_many(messages)]


def test_the_threshold_opens_an_alert_and_less_does_not() -> None:
    found = alerts(AlertManager(MemoryState()), picture(1, 0.49), picture(2, 0.5), picture(1, 0.4, "bob"))

    assert [(alert["id"], alert["opened_by"], alert["opened_after"]) for alert in found] == [
        ("ann", "t1_2", 2)
    ]
    assert (found[0]["opened_utc"], found[0]["threshold"], found[0]["band"]) == (2 * HOUR_S, 0.5, "raised")


@pytest.mark.parametrize("together", [True, False])
def test_an_open_alert_follows_its_user_and_stays_the_only_one(*, together: bool) -> None:
    manager, pictures = AlertManager(MemoryState()), [picture(1, 0.8), picture(2, 0.3), picture(3, 0.95)]

    found = (
        alerts(manager, *pictures) if together else [a for each in pictures for a in alerts(manager, each)]
    )

    assert [alert["id"] for alert in found] == ["ann"] * 3
    assert [alert["opened_by"] for alert in found] == ["t1_1"] * 3
    assert [alert["probability"] for alert in found] == [0.8, 0.3, 0.95]
    assert [alert["peak_probability"] for alert in found] == [0.8, 0.8, 0.95]
    assert [alert["band"] for alert in found] == ["high", "low", "very high"]
    assert [alert["posts_since"] for alert in found] == [0, 1, 2]
    assert [alert["updated_utc"] for alert in found] == [HOUR_S, 2 * HOUR_S, 3 * HOUR_S]


def test_an_alert_is_dated_by_when_it_was_raised_and_not_by_its_post() -> None:
    manager = AlertManager(MemoryState())
    first, later = (
        each._replace(timestamp_ms=at_ms)
        for each, at_ms in ((picture(1, 0.8), 7_000_000), (picture(2, 0.9), 8_000_000))
    )

    found = alerts(manager, first, later)

    assert [(each["raised_ms"], each["opened_utc"]) for each in found] == [(7_000_000, HOUR_S)] * 2


def test_an_alert_of_before_is_dated_by_its_post() -> None:
    state: MemoryState[dict[str, Any]] = MemoryState()
    alerts(AlertManager(state), picture(1, 0.8))
    state["ann"] = {name: value for name, value in state["ann"].items() if name != "raised_ms"}

    (found,) = alerts(AlertManager(state), picture(2, 0.9))

    assert found["raised_ms"] == HOUR_S * 1000


def test_an_option_sets_another_threshold_than_the_models() -> None:
    (alert,) = alerts(AlertManager(MemoryState(), threshold=0.7), picture(1, 0.6), picture(2, 0.7))

    assert (alert["opened_by"], alert["threshold"]) == ("t1_2", 0.7)


def test_a_threshold_that_is_no_probability_is_refused() -> None:
    with pytest.raises(ConfigError, match="'threshold' of AlertManager is 50"):
        AlertManager(MemoryState(), threshold=50)


@pytest.mark.parametrize(
    ("probability", "name"),
    [
        (1.0, "very high"),
        (0.9, "very high"),
        (0.89, "high"),
        (0.75, "high"),
        (0.5, "raised"),
        (0.49, "low"),
        (0.0, "low"),
    ],
)
def test_a_band_begins_at_its_edge(probability: float, name: str) -> None:
    assert band(probability) == name


def test_what_is_worth_an_alert_is_never_called_low() -> None:
    assert [band(each, 0.3) for each in (0.29, 0.3, 0.6, 0.8)] == ["low", "raised", "raised", "high"]


def test_an_open_alert_counts_posts_on_when_the_version_of_the_model_changes() -> None:
    manager = AlertManager(MemoryState())
    other = [each._replace(value={**each.value, "model": "n"}) for each in (picture(1, 0.1), picture(2, 0.2))]

    found = alerts(manager, picture(7, 0.6), picture(8, 0.6), *other, picture(9, 0.6))

    assert [(each["opened_after"], each["posts_since"]) for each in found] == [
        (7, 0), (7, 1), (7, 2), (7, 3), (7, 4)
    ]  # fmt: skip
