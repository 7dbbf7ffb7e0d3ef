"""Nodes wired by class and by topics of a type, so that a type checker sees what does not belong together.

A topology that names its services by import path needs none of their dependencies; one that is wired so
imports them. What is wired wrongly is found by `catenae check` either way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, overload

from catenae.broker import Input
from catenae.message import Message
from catenae.topology.node import Node

V = TypeVar("V")
In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True)
class Topic(Generic[V]):
    """A topic with values of a type: `orders = Topic[Order]("orders")`.

    delay_s  as of an `Input`
    """

    name: str
    delay_s: float = 0.0


class _Middle(Protocol[In, Out]):
    def transform(self, message: Message[In]) -> Iterable[Message[Out]]: ...


class _Leaf(Protocol[In]):
    def consume(self, message: Message[In]) -> None: ...


@overload
def typed_node(
    name: str,
    service: Callable[..., _Middle[In, Out]],
    reads: Topic[In],
    writes: Topic[Out],
    **node: Any,
) -> Node: ...
@overload
def typed_node(
    name: str, service: Callable[..., _Leaf[In]], reads: Topic[In], writes: None = None, **node: Any
) -> Node: ...
def typed_node(
    name: str,
    service: Callable[..., Any],
    reads: Topic[Any],
    writes: Topic[Any] | None = None,
    **node: Any,
) -> Node:
    """Return a node of a service's class; all else as `Node` takes it."""
    return Node(
        name,
        f"{service.__module__}:{service.__qualname__}",
        Input(reads.name, reads.delay_s),
        "" if writes is None else writes.name,
        **node,
    )
