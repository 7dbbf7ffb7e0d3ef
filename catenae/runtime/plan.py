"""What one node is to do, as the runtime needs it: names and numbers, nothing that opens or imports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from catenae.broker import Input
from catenae.input_modes import InputMode
from catenae.retry import Retry
from catenae.runtime.dead_letters import dead_topic


@dataclass(frozen=True, slots=True)
class Plan:
    """One node of one topology, as each of its instances runs it.

    outputs        port → topic
    batch_records  the most records of one input that are handled before a commit
    batch_s        about how long a batch may take: slow handlers get fewer records at a time
    max_backlog    records a Source's messages may be ahead of any reader before it pauses
    is_traced      give messages without a trace id one
    former_groups  under which the node set messages aside when it had another name
    external       topics that others write: control headers count there only if they are sealed
    exported       topics that others read, and for which they may be external
    passes         the ports by which requests to forget go on
    returns        those by which they come back to the node itself, where it keeps anything
    timers         topic by which the node is told that timers are due; "" for one that has none
    """

    topology: str
    node: str
    instance: str
    inputs: tuple[Input, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    input_mode: Literal["parity", "exponential"] | type[InputMode] = "parity"
    concurrency: int = 1
    on_error: Literal["dead-letter", "stop"] = "dead-letter"
    batch_records: int = 1000
    batch_s: float = 1.0
    max_backlog: int = 10_000
    is_traced: bool = False
    retry: Retry = field(default_factory=Retry)
    former_groups: tuple[str, ...] = ()
    external: frozenset[str] = frozenset()
    exported: frozenset[str] = frozenset()
    passes: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    timers: str = ""

    @property
    def group(self) -> str:
        """The consumer group that the node's instances form."""
        return f"{self.topology}.{self.node}"

    @property
    def written(self) -> frozenset[str]:
        """The topics that the node may write to."""
        outputs = self.outputs.values()
        read = [each.topic for each in self.inputs if each.is_read]
        timers = [self.timers] if self.timers else []
        return frozenset((*outputs, *timers, *map(dead_topic, read or outputs)))

    @property
    def group_names(self) -> frozenset[bytes]:
        """Every name by which messages may call the group."""
        return frozenset(name.encode() for name in (self.group, *self.former_groups))
