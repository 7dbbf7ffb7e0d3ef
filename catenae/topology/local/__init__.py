"""A topology on one machine: every instance a process, under a supervisor.

supervisor  starts what is wanted, restarts what fails, stops in order
slot        one place of a node: its process, and the pause before the next
launch      how a process is started: command, environment, log
logs        a log file per instance
scaling     what `catenae scale` asks of a running supervisor
sharing     several topologies, one after the other, on one data folder
status      how things stand, as frozen data
"""

from catenae.topology.local.failure import InstanceFailed, SourceGivenUp
from catenae.topology.local.status import NodeStatus, Status
from catenae.topology.local.supervisor import Supervisor

__all__ = ["InstanceFailed", "NodeStatus", "SourceGivenUp", "Status", "Supervisor"]
