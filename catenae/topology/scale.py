"""How many instances a node may have where their number follows the load."""

from dataclasses import dataclass

from catenae.errors import TopologyError

TARGET = 0.8


@dataclass(frozen=True)
class Scale:
    """The bounds within which `catenae autoscale` chooses a node's number of instances.

    least, most  instances; None for as many as there are partitions to share
    target       the share of its time, 0 to 1, that an instance is to be busy; the rest is room to grow
    """

    least: int = 1
    most: int | None = None
    target: float = TARGET

    def __post_init__(self) -> None:
        for name in ("least", "most"):
            value = getattr(self, name)
            if (value is not None or name == "least") and (type(value) is not int or value < 1):
                raise TopologyError(f"Scale has {name}={value!r}; it needs a whole number of at least 1")
        if self.most is not None and self.most < self.least:
            raise TopologyError(f"Scale has least={self.least} and most={self.most}; turn them round")
        if not 0 < self.target <= 1:
            raise TopologyError(
                f"Scale has target={self.target!r}; it needs a share above 0, 1 at most, such as {TARGET}"
            )
