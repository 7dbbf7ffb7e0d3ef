"""Instances that were started anew: what the figures of a node that does its work do not show.

A broker gives each joining of an instance a number of its own. So a name that comes with another one than
before was started again, or had been silent for so long that it counted as gone; either is a thing to know.
"""

from collections.abc import Mapping
from typing import NamedTuple

from catenae import NodeFigures


class Restarted(NamedTuple):
    """How often instances of a node were started anew since somebody began to look, and when last."""

    times: int = 0
    last_s: float | None = None


class Restarts:
    """What was seen of them in looks that follow each other; two within one look count as one."""

    def __init__(self) -> None:
        self._joined: dict[tuple[str, str], str] = {}
        self._seen: dict[str, Restarted] = {}

    def look(self, now_s: float, figures: Mapping[str, NodeFigures]) -> None:
        """Take note of who has joined anew."""
        for node, each in figures.items():
            for member, joining in each.joined.items():
                if self._joined.setdefault((node, member), joining) != joining:
                    self._seen[node] = Restarted(self.of(node).times + 1, now_s)
                self._joined[node, member] = joining

    def of(self, node: str) -> Restarted:
        """Return what was seen of a node so far."""
        return self._seen.get(node, Restarted())
