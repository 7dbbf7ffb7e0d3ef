"""What a service lacks that is a window or a join: found before its first message, not at it."""

from collections.abc import Iterator

from catenae.joins import IntervalJoin, LatestJoin
from catenae.microservice import Microservice
from catenae.running.injection import state_parameters, timers_parameter
from catenae.suggestion import suggestion
from catenae.topology.node import Node
from catenae.windows import Windowed


def ready_made_mistakes(node: Node, service: type[Microservice]) -> Iterator[str]:
    """Yield what keeps a window or a join from working as its node is declared."""
    if issubclass(service, Windowed):
        yield from _unsaid(service, Windowed, "shape", "such as shape = Tumbling(60)")
        shape = getattr(service, "shape", None)
        merges = ("merge",) if getattr(shape, "merges", False) else ()
        yield from _unwritten(service, Windowed, "add", "closed", *merges)
        yield from _kept_back(service, Windowed)
    for join in (IntervalJoin, LatestJoin):
        if issubclass(service, join):
            yield from _unsaid(service, join, "left", "one of its two topics")
            yield from _unwritten(service, join, "both")
            yield from _kept_back(service, join)
            yield from _not_two(node, service)
    if issubclass(service, IntervalJoin):
        yield from _unsaid(service, IntervalJoin, "within_s", "such as within_s = 3600")


def _unsaid(service: type[Microservice], base: type[Microservice], name: str, advice: str) -> Iterator[str]:
    if not hasattr(service, name):
        yield f"cannot use {service.__qualname__}, {_a(base)} that does not say its {name!r}: {advice}"


def _unwritten(service: type[Microservice], base: type[Microservice], *names: str) -> Iterator[str]:
    for name in names:
        if getattr(service, name) is getattr(base, name):
            yield (f"cannot use {service.__qualname__}, {_a(base)} that has no method {name!r}; write one")


def _kept_back(service: type[Microservice], base: type[Microservice]) -> Iterator[str]:
    """Yield that a constructor does not ask for what its base keeps things in."""
    wanted = {*state_parameters(base), timers_parameter(base)} - {None}
    missing = wanted - {*state_parameters(service), timers_parameter(service)}
    if missing:
        names = " and ".join(repr(each) for each in sorted(filter(None, missing)))
        yield (
            f"cannot use {service.__qualname__}, whose constructor does not ask for {names} as "
            f"{base.__name__} does; take the same parameters, annotated alike, and call super().__init__"
        )


def _not_two(node: Node, service: type[Microservice]) -> Iterator[str]:
    topics = [each.topic for each in node.inputs if each.topic != node.timers]
    if len(topics) != 2:
        yield f"reads {', '.join(topics)}, but {service.__qualname__} joins two topics; read two"
    left = getattr(service, "left", None)
    if left is not None and left not in topics:
        yield (
            f"reads {', '.join(topics)}, but {service.__qualname__} has left = {left!r}; "
            f"{suggestion(left, topics)}"
        )


def _a(kind: type) -> str:
    return f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}"
