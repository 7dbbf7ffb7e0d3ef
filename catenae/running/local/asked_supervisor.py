"""What a `catenae up` does when it is asked on the control channel: how many instances a node has."""

import socket

from catenae.deployment.control_acts import OF_SUPERVISOR, Pin, Request, Scale
from catenae.deployment.data_folder import DataFolder
from catenae.errors import ConfigError
from catenae.running.listener import Said
from catenae.running.local.scaling import request_scale, standing


class AskedSupervisor:
    """The supervisor of one topology on a data folder."""

    def __init__(self, folder: DataFolder, topology: str) -> None:
        self.node = ""
        # Of several on one Kafka each says for itself.
        self.member = f"up@{socket.gethostname()}"
        self._folder = folder
        self._topology = topology

    def is_meant(self, request: Request) -> bool:
        return isinstance(request.act, OF_SUPERVISOR) and request.instance in {"", self.member}

    def carry_out(self, request: Request, *, is_past: bool) -> Said:  # noqa: ARG002  none of it lasts
        node = request.node
        try:
            replicas = self._wanted(request)
            request_scale(self._folder, {node: replicas})
        except ConfigError as error:
            return Said(is_done=False, effect=f"not done: {error}")
        if replicas is None:
            return Said(is_done=True, effect=f"{node} is released")
        return Said(is_done=True, effect=f"{node} has {replicas} instances from now on")

    def refused(self, reason: str) -> None:
        """Leave it to the instances, which read the same and count it."""

    def look(self) -> None:
        """Have nothing that is ever over."""

    def _wanted(self, request: Request) -> int | None:
        match request.act:
            case Scale(replicas):
                return replicas
            case Pin():
                wanted = standing(self._folder, self._topology).wanted
                if request.node not in wanted:
                    raise ConfigError(f"topology {self._topology!r} has no node {request.node!r}")
                return wanted[request.node]
            case _:
                raise ConfigError("of catenae up nobody can ask this")
