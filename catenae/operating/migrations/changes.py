"""What can be asked of a migration, and the plan that comes of it.

Pure: nothing is opened or looked up, so that what would be done can be shown without doing it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from catenae.deployment.manifest import KeptNode, Manifest, Migration, Part
from catenae.errors import ConfigError
from catenae.operating.migrations.steps import Step, data_of, step_of
from catenae.suggestion import suggestion


class Planned(NamedTuple):
    """The steps of a change, and the manifest that counts after them; None removes it."""

    steps: Sequence[Step]
    result: Manifest | None


class Change(Protocol):
    """One change; its text says in words what it is."""

    def plan(self, manifest: Manifest) -> Planned:
        """Return what it comes to; raise `ConfigError` for what is not there to be changed, or in the way."""


def plan(manifest: Manifest, changes: Iterable[Change]) -> Migration:
    """Return what these changes come to, one after the other. Raises `ConfigError` as `Change.plan` does."""
    parts = []
    result: Manifest | None = manifest
    for change in changes:
        if result is None:
            raise ConfigError(f"cannot {change} after the topology was dropped; give that alone")
        steps, result = change.plan(result)
        parts.append(Part(str(change), tuple(map(data_of, steps))))
    groups = tuple(manifest.group(name) for name in manifest.nodes)
    return Migration(tuple(parts), groups, None if result is None else result.data())


def told(migration: Migration) -> Iterator[str]:
    """Yield what is left of a migration to be done, in lines."""
    for part in migration.parts[migration.done :]:
        yield f"{part.change}:"
        yield from (f"  {step_of(each).says()}" for each in part.steps)


def node_of(manifest: Manifest, name: str) -> KeptNode:
    """Return a node. Raises `ConfigError` where there is none."""
    found: KeptNode = _found(manifest.nodes, name, f"topology {manifest.topology!r} has run no node")
    return found


def states_of(manifest: Manifest, node: str, state: str) -> Mapping[str, int]:
    """Return the States of a node, of which `state` must be one. Raises `ConfigError` otherwise."""
    states = node_of(manifest, node).states or {}
    _found(states, state, f"node {node!r} has kept no State")
    return states


def require_topic(manifest: Manifest, topic: str) -> None:
    """Raise `ConfigError` unless the topology has the topic."""
    _found(manifest.topics, topic, f"topology {manifest.topology!r} has used no topic")


def require_free(kind: str, name: str, taken: Mapping[str, Any]) -> None:
    """Raise `ConfigError` if something has the new name already."""
    if name in taken:
        raise ConfigError(
            f"{kind} {name!r} is there already, so nothing was renamed to it; drop that one first"
        )


def _found(known: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in known:
        raise ConfigError(f"{what} {name!r}; {suggestion(name, known)}")
    return known[name]
