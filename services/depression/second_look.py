"""A second look: when somebody in whom no risk was seen is worth another one, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catenae import ConfigError
from services.api.review_record import Shelf
from services.depression.alert_manager import band, height

# Whom nobody need look at again: at risk they are seen to be, and who is disputed is being looked at.
SEEN_WITHOUT_RISK = (Shelf.NO_RISK.value, Shelf.UNSURE.value)


@dataclass(frozen=True, slots=True)
class SecondLook:
    """The rule by which an alert comes back after it was reviewed: the first that holds is why.

    rise   the probability is so much above what it was then; 0 for never
    bands  whether a higher band than it was then is enough
    posts  so many have come since; 0 for never
    """

    rise: float = 0.2
    bands: bool = True
    posts: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.rise <= 1:
            raise ConfigError(f"option 'second_look_rise' is {self.rise}; give a difference, 0 … 1")
        if self.posts < 0:
            raise ConfigError(f"option 'second_look_posts' is {self.posts}; give 0 or more")

    def why(self, alert: Mapping[str, Any], reviewed: Mapping[str, Any]) -> str | None:
        """Return why an alert is to be looked at again: "risen", "band" or "posts"; None if it is not.

        alert     as it is now
        reviewed  probability, and posts, as they were when it was reviewed
        """
        then, now = reviewed["probability"], alert["probability"]
        # What differs by less than a float can tell is the same.
        if self.rise > 0 and now - then >= self.rise - 1e-9:
            return "risen"
        if self.bands and height(alert["band"]) > height(band(then, alert["threshold"])):
            return "band"
        posts = alert["opened_after"] + alert["posts_since"] - reviewed["posts"]
        return "posts" if 0 < self.posts <= posts else None


def may_come_back(alert: Mapping[str, Any], now_ms: int) -> bool:
    """Say whether the rule is asked about an alert: reviewed, not back already, and not put off."""
    is_back = alert.get("again_of") == alert.get("review_version")
    return (
        alert.get("label") in SEEN_WITHOUT_RISK
        and alert.get("hidden") is not True
        and alert.get("reviewed") is not None
        and not is_back
        and alert.get("snoozed_ms", 0) <= now_ms
    )
