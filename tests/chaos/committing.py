"""Commits mishaps, and undoes them."""

import os
import random
import signal
from collections.abc import Callable
from contextlib import suppress

from tests.chaos.declared import Declared
from tests.chaos.migrating import Migrating
from tests.chaos.mishaps import KINDS, Mishap
from tests.chaos.up import Up
from tests.chaos.world import World, freeze, launch, thaw

CLOCK_SPAN_S = 4 * 3600

Undo = Callable[[], None]


def nothing() -> None:
    """Leave it: it has been done for good."""


class Committing:
    """Does to a topology and its world what a mishap says."""

    def __init__(self, up: Up, world: World, declared: Declared, migrating: Migrating) -> None:
        self._up = up
        self._world = world
        self._declared = declared
        self._migrating = migrating
        self._by_kind: dict[str, Callable[[Mishap], tuple[str, Undo]]] = {
            "kill": self._kill,
            "freeze": self._freeze,
            "scale": self._scale,
            "kill up": self._kill_up,
            "stop up": self._stop_up,
            "upgrade": self._upgrade,
            "kill broker": self._kill_server,
            "freeze broker": self._freeze_server,
            "kill documents": self._kill_server,
            "freeze documents": self._freeze_server,
            "cut network": self._cut,
            "fill disk": self._fill,
            "step clock": self._step,
        }

    def commit(self, mishap: Mishap) -> tuple[str, Undo]:
        """Do it; return whom it has struck, and what undoes it."""
        return self._by_kind[mishap.kind](mishap)

    def _kill(self, mishap: Mishap) -> tuple[str, Undo]:
        return self._signal(mishap, signal.SIGKILL), nothing

    def _freeze(self, mishap: Mishap) -> tuple[str, Undo]:
        before = self._up.instances()
        struck = self._signal(mishap, signal.SIGSTOP)
        pids = [each.pid for each in before if each.name == struck]

        def go_on() -> None:
            for pid in filter(self._up.is_instance, pids):
                os.kill(pid, signal.SIGCONT)

        return struck, go_on

    def _signal(self, mishap: Mishap, number: signal.Signals) -> str:
        instances = self._up.instances()
        if not instances:
            return "nobody"
        struck = instances[int(mishap.share * len(instances))]
        with suppress(ProcessLookupError):
            os.kill(struck.pid, number)
        return struck.name

    def _scale(self, mishap: Mishap) -> tuple[str, Undo]:
        nodes = self._declared.topology.nodes
        node = nodes[int(mishap.share * len(nodes))].name
        status = self._up.scale(node, mishap.replicas)
        return f"{node}={mishap.replicas}" + (f", refused with status {status}" if status else ""), nothing

    def _kill_up(self, mishap: Mishap) -> tuple[str, Undo]:
        self._up.kill()
        return "up", self._start_up

    def _stop_up(self, mishap: Mishap) -> tuple[str, Undo]:
        self._up.stop()
        self._start_up()
        return "up", nothing

    def _start_up(self) -> None:
        self._up.kill()
        self._up.start()

    def _upgrade(self, mishap: Mishap) -> tuple[str, Undo]:
        self._up.stop()
        # What takes long puts off the end of other mishaps; nobody upgrades while a broker is away.
        self._world.heal()
        options = self._declared.upgrade(mishap.number, mishap.share)
        self._migrating.migrate(self._declared.file, options, random.Random(mishap.share))
        self._start_up()
        return " ".join(options), nothing

    def _kill_server(self, mishap: Mishap) -> tuple[str, Undo]:
        server = self._world.server(KINDS[mishap.kind].of, mishap.share)
        server.kill()
        return server.log.stem, lambda: launch(server)

    def _freeze_server(self, mishap: Mishap) -> tuple[str, Undo]:
        server = self._world.server(KINDS[mishap.kind].of, mishap.share)
        freeze(server)
        return server.log.stem, lambda: thaw(server)

    def _cut(self, mishap: Mishap) -> tuple[str, Undo]:
        self._world.connect(connected=False)
        return "all", lambda: self._world.connect(connected=True)

    def _fill(self, mishap: Mishap) -> tuple[str, Undo]:
        self._world.fill_disk()
        return "data", self._world.free_disk

    def _step(self, mishap: Mishap) -> tuple[str, Undo]:
        ahead_s = int((mishap.share - 0.5) * CLOCK_SPAN_S)
        self._world.clock.step(ahead_s)
        return f"{ahead_s:+} s", lambda: self._world.clock.step(0)
