"""Asking things of the instances of a topology that runs, and hearing what they answer."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catenae.broker import Broker
from catenae.clock import Clock
from catenae.deployment.control_acts import (
    LONGEST_S,
    OF_SUPERVISOR,
    Act,
    Answer,
    Figures,
    LogLevel,
    Pause,
    Pin,
    Request,
    Resume,
    Scale,
    Stack,
)
from catenae.deployment.control_log import ControlLog
from catenae.errors import ConfigError, UnknownTopic
from catenae.suggestion import suggestion
from catenae.topology.graph import Topology
from catenae.topology.node import Node

ANSWERED_WITHIN_S = 5.0
LOOK_EVERY_S = 0.05
# How many supervisors there are nobody knows, or Servers: after the first, others have so long.
OTHERS_WITHIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Preview:
    """What a request would do.

    instances  who would be asked, as node → members of its group whose lease runs; none of a supervisor or
               a Server, which are in no group
    effect     in words
    """

    instances: Mapping[str, Sequence[str]]
    effect: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What has come of asking something of instances.

    given   in the order in which they came
    silent  the instances that have not answered in time
    """

    given: Sequence[Answer]
    silent: Sequence[str]

    @property
    def is_done(self) -> bool:
        """Whether there was somebody to ask, and all of them have done it."""
        return bool(self.given) and not self.silent and all(each.is_done for each in self.given)


class Control:
    """The control channel in the hands of whoever asks."""

    def __init__(self, topology: Topology, broker: Broker, clock: Clock) -> None:
        self._topology = topology
        self._broker = broker
        self._clock = clock
        self._log = ControlLog(broker, topology.name, clock)

    def preview(self, act: Act, node: str = "", instance: str = "") -> Preview:
        """Return what it would do to ask this; changes nothing.

        Raises `ConfigError` for nobody to be asked, and for what cannot be asked.
        """
        asked = self._nodes(act, node)
        if isinstance(act, OF_SUPERVISOR):
            return Preview({}, _of_supervisor(act, node))
        if all(each.is_server for each in asked):
            return Preview({}, _effect(act))
        asked = [each for each in asked if not each.is_server]
        there = {each.name: tuple(self._broker.members(self._topology.group(each))) for each in asked}
        found = {name: tuple(m for m in members if instance in {"", m}) for name, members in there.items()}
        if not any(found.values()):
            known = [each for members in there.values() for each in members]
            raise ConfigError(
                f"no instance {instance!r} of topology {self._topology.name!r} runs; "
                f"{suggestion(instance, known)}"
                if instance and known
                else f"no instance of {f'node {node!r}' if node else f'topology {self._topology.name!r}'} "
                f"runs on this broker. Start it with catenae up or catenae work"
            )
        return Preview({name: members for name, members in found.items() if members}, _effect(act))

    def ask(
        self, act: Act, node: str = "", instance: str = "", within_s: float = ANSWERED_WITHIN_S
    ) -> Answers:
        """Ask it, and return what was answered after so long at most.

        Raises as `preview`, with nothing asked.
        """
        instances = self.preview(act, node, instance).instances
        answers = self._log.reader(self._log.answers)
        try:
            answers.skip()
        except UnknownTopic:
            self._log.create()
        now_ms = int(self._clock.now_s() * 1000)
        request = Request(uuid.uuid4().hex, now_ms, act, node, instance)
        self._log.ask(request)
        until_s = self._clock.monotonic_s() + within_s
        silent = {each for members in instances.values() for each in members}
        found: list[Answer] = []
        while self._clock.monotonic_s() < until_s and (silent or not instances):
            for record in answers.read():
                answer = self._log.opened(record, Answer)
                if answer is not None and answer.request == request.id:
                    found.append(answer)
                    silent.discard(answer.instance)
                    if not instances:
                        until_s = min(until_s, self._clock.monotonic_s() + OTHERS_WITHIN_S)
            self._clock.sleep(LOOK_EVERY_S)
        return Answers(found, sorted(silent))

    def _nodes(self, act: Act, node: str) -> Sequence[Node]:
        if isinstance(act, Pause | LogLevel) and not 0 <= act.for_s <= LONGEST_S:
            raise ConfigError(
                f"{act.for_s:g} s is no time to ask for; it may last up to {LONGEST_S / 3600:g} hours"
            )
        if node:
            return self._topology.chains.get(node) or (self._topology.node(node),)
        if isinstance(act, OF_SUPERVISOR):
            raise ConfigError(
                f"how many instances there are is a matter of one node; name one of "
                f"{', '.join(each.name for each in self._topology.nodes)}"
            )
        return tuple(self._topology.nodes)


def _of_supervisor(act: Pin | Scale, node: str) -> str:
    if isinstance(act, Pin):
        return f"keeps {node} at as many instances as it has, until it is released"
    if act.replicas is None:
        return f"leaves it to the autoscaler, or else the declaration, how many instances {node} has"
    return f"{node} has {act.replicas} instances, whatever an autoscaler wants, until it is released"


def _effect(act: Act) -> str:
    match act:
        case Pause(for_s):
            return (
                f"stand still after the batch in hand, for {for_s:g} s at most, also when started anew; "
                f"their messages wait"
            )
        case Resume():
            return "go on with what waits"
        case LogLevel(level, for_s):
            return f"log from {level} on, for {for_s:g} s" if for_s else "log as they were started to"
        case Stack():
            return "say at which lines of code their threads are; nothing changes"
        case Figures():
            return "say what they have counted; nothing changes"
        case _:
            return ""
