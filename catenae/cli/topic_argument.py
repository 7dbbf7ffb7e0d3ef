"""The topic that a command names, which must exist."""

from collections.abc import Sequence
from typing import Annotated

import typer

from catenae.broker import Broker, Span
from catenae.errors import ConfigError, UnknownTopic
from catenae.suggestion import suggestion

TopicArgument = Annotated[str, typer.Argument(metavar="TOPIC", help="The name of a topic.")]


def spans_of(broker: Broker, topic: str) -> Sequence[Span]:
    """Return what each partition holds; raise `ConfigError` for a topic nobody created."""
    try:
        return broker.spans(topic)
    except UnknownTopic as error:
        known = [name for name in error.known if _kind(name) == _kind(topic)]
        raise ConfigError(
            f"topic {topic!r} does not exist; {suggestion(topic, known)}. "
            f"`catenae up` creates those of a topology"
        ) from error


def _kind(topic: str) -> str:
    """Tell the topics that a node names from those that come with them."""
    ending = topic.rpartition(".")[2]
    return ending if ending in ("dead", "position") else ""
