"""The file in which `catenae` finds the topology of a trial, and what has become of the topology so far."""

from pathlib import Path

from catenae import Topology
from tests.chaos.shapes import shape
from tests.chaos.trial import Trial
from tests.chaos.upgrades import all_of, upgraded


class Declared:
    """The topology of a trial, declared in a file that follows its upgrades.

    topology  as it is declared now
    groups    each name that a node's group has had → the one that it has now
    file      that declares it
    """

    def __init__(self, trial: Trial, folder: Path) -> None:
        self._trial = trial
        self._enough = folder / "enough"
        self._upgrades: list[tuple[int, float]] = []
        self.topology: Topology = shape(trial.shape, trial.seed, trial.without, self._enough)
        self.groups = {group: group for group in map(self.topology.group, self.topology.nodes)}
        self.file = folder / f"{self.topology.name}.py"
        self._write()

    def upgrade(self, number: int, share: float) -> tuple[str, ...]:
        """Give something another name; return what `catenae migrate` is to be told."""
        former = self.topology
        upgrade = upgraded(former, number, share)
        self.topology = upgrade.topology
        now = {
            former.group(old): self.topology.group(new)
            for old, new in zip(former.nodes, self.topology.nodes, strict=True)
        }
        self.groups = {old: now[each] for old, each in self.groups.items()} | {
            each: each for each in now.values()
        }
        self._upgrades.append((number, share))
        self._write()
        return upgrade.options

    def end_sources(self) -> None:
        """Have the Sources generate nothing more."""
        self._enough.touch()

    def _write(self) -> None:
        arguments = ", ".join(map(repr, (self._trial.shape, self._trial.seed, self._trial.without)))
        self.file.write_text(
            f"from pathlib import Path\n\nfrom {shape.__module__} import shape\n"
            f"from {all_of.__module__} import all_of\n\n"
            f"began_as = shape({arguments}, Path({str(self._enough)!r}))\n"
            f"topology = all_of(began_as, {self._upgrades!r})\n"
        )
