"""A topology on one machine: every instance a process, under a supervisor.

supervisor  starts what is wanted, restarts what fails, stops in order
slot        one place of a node: its process, and the pause before the next
launch      how a process is started: command, environment, log
logs        a log file per instance
scaling     what `catenae scale` asks of a running supervisor
ghosts      instances that have ended and that the broker still counts
caretaker   the manifest and the bounds of topics, looked after while it runs
status      how things stand, as frozen data
outages     what servers that are away the nodes wait for
figures     what /metrics shows: the instances' figures, and the supervisor's own
"""

from catenae.running.local.failure import InstanceFailed, SourceGivenUp
from catenae.running.local.status import NodeStatus, Status
from catenae.running.local.supervisor import Supervisor

__all__ = ["InstanceFailed", "NodeStatus", "SourceGivenUp", "Status", "Supervisor"]
