"""Positions beside what the broker has: whether a group can go on where it was."""

from collections.abc import Mapping

from catenae.broker import Span
from catenae.errors import Loss
from catenae.message import TopicPartition


def losses(positions: Mapping[TopicPartition, int], spans: Mapping[TopicPartition, Span]) -> list[Loss]:
    """Return what lies outside of what there is; `spans` has a span for each of the positions.

    A group that was overtaken by the deletion of old records goes on at the oldest one there is. One whose
    broker has lost the end of the log goes on at the end there is now: what it had handled stays handled, and
    what was written since is read.
    """
    found = []
    for where, position in positions.items():
        span = spans[where]
        if position < span.start:
            cause = f"the records up to {span.start} were deleted before the group had read them"
            found.append(Loss(*where, position, span.start, span.start - position, cause))
        elif position > span.end:
            cause = f"the broker has lost the end of its log and now ends at {span.end}"
            found.append(Loss(*where, position, span.end, position - span.end, cause))
    return found


def taken_back(where: TopicPartition, reached: int, position: int) -> Loss:
    """Return the loss of a group whose commit up to `reached` had returned and is not there any more."""
    cause = "the broker has taken back a commit that had returned; what was handled in it is handled again"
    return Loss(*where, reached, position, reached - position, cause)


def made_again(where: TopicPartition, position: int, span: Span) -> Loss:
    """Return the loss of a group whose topic was deleted, and another one made of the same name."""
    cause = "its topic was deleted and made again, and what it had not read of the former one is unknown"
    return Loss(*where, position, span.start, 0, cause)
