"""A topology that stands still with nothing on its way: for a copy, a migration, the night."""

from catenae.broker import Broker
from catenae.clock import Clock
from catenae.deployment.control import Answers, Control
from catenae.deployment.control_acts import Pause
from catenae.operating.forgetting import has_gone_through
from catenae.topology.graph import Topology

ASK_AGAIN_S = 0.5


def drain(
    topology: Topology, control: Control, broker: Broker, clock: Clock, for_s: float, within_s: float
) -> Answers | None:
    """Pause every Source, wait until all that they wrote is handled, then pause all others.

    Return the last answers; None if it has not come to that in time, and the Sources stand still. What waits
    in delayed inputs waits on; what others write to external topics from now on waits, too.

    Raises as `Control.ask`.
    """
    until_s = clock.monotonic_s() + within_s
    for node in topology.nodes:
        if not node.is_source:
            continue
        while not _stands(control.ask(Pause(for_s), node.name)):
            if clock.monotonic_s() >= until_s:
                return None
            clock.sleep(ASK_AGAIN_S)
    if not has_gone_through(topology, broker, clock, max(0.0, until_s - clock.monotonic_s())):
        return None
    return control.ask(Pause(for_s))


def _stands(answers: Answers) -> bool:
    """Say whether all have come to stand still, and not only will."""
    return answers.is_done and all(each.figures.get("standing") for each in answers.given)
