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
        raise ConfigError(
            f"topic {topic!r} does not exist; {suggestion(topic, error.known)}. "
            f"`catenae up` creates those of a topology"
        ) from error
