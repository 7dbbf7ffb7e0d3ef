"""What the crawler needs to know of the screening: when a user's risk changes its class."""

from collections.abc import Iterator
from typing import TypedDict

from catenae import Message, Middle, State
from services.depression.values import Name, Probability
from services.reddit.queue_rule import risk_class


class Risk(TypedDict):
    """What is wanted of a `UserProbability`."""

    user: Name
    probability: Probability


class RiskFilter(Middle):
    """Pass a user's probability on when it enters another class of the queue rule.

    Reads `UserProbability`, one per post; writes `{"user", "probability"}`, a few per user.
    """

    def __init__(self, classes: State[int]) -> None:
        self._classes = classes

    def transform(self, message: Message[Risk]) -> Iterator[Message]:
        user = message.value["user"]
        found = risk_class(message.value["probability"])
        if found != self._classes.get(user, 0):
            self._classes[user] = found
            yield message.derive({"user": user, "probability": message.value["probability"]})
