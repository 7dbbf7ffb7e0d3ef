"""One node of a topology: a microservice in its place in the graph. Frozen data, checked when built."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Literal, get_args

from catenae.broker import Input
from catenae.errors import TopologyError
from catenae.retry import Retry
from catenae.suggestion import suggestion
from catenae.topology.scale import Scale

INPUT_MODES = ("parity", "exponential")
OnError = Literal["dead-letter", "stop"]
Access = Literal["read", "add", "write"]
FileAccess = Literal["read", "write"]

# What images leave out, so that what is named in it is of no use to a container that is not given it.
_DATA = "data"
# A name is also a Compose service and part of a host name (at most 63 characters) and of a Python module.
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
# Kafka takes 249 characters; the rest is left for ".dead".
_TOPIC = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,199}")
_TOPIC_RULE = "1 to 200 letters without accents, digits, '.', '_' and '-', neither '.' nor '-' first"
_EXTRA = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CLASS = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Resources:
    """The most that one instance may use; None leaves it unlimited.

    memory_mb  megabytes of 2**20 bytes
    cpus       cores, parts of one allowed
    """

    memory_mb: int | None = None
    cpus: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("memory_mb", self.memory_mb), ("cpus", self.cpus)):
            if value is not None and not value > 0:
                raise TopologyError(
                    f"Resources has {name}={value!r}; it needs more than 0, or None for no limit"
                )


@dataclass(frozen=True)
class Node:
    """A microservice in its place in the graph. Raises `TopologyError` when it contradicts itself.

    service        import path "package.module:Class"; imported by `catenae check` and where the node runs
    reads          one topic or several; in mode "exponential" their order is their priority. Empty: a Source,
                   or, if it writes nothing either, a server that runs beside the flow
    writes         one topic, or the topic of each port that the service names in `derive(..., to=port)`
    replicas       instances that are started; of a Source one generates, the others stand by
    options        arguments of the service's constructor; Compose publishes the `port` of a server
    input_mode     how inputs share a batch: "parity", "exponential", or an `InputMode` by its import path
    concurrency    handler threads of one instance, for services that wait on the network
    on_error       what happens to the node when a message cannot be handled
    batch_records  the most records handled between two commits
    resources      the most that one instance may use, as a container
    extras         optional dependencies of the project that the service needs: what its image installs
    retry          how soon and how often a message is handed over again after a `TransientError`
    files          what the service does, "read" or "write", with which file or folder of the data folder: a
                   container has it, such as {"data/bills": "write"}. What an option names there is read
    documents      what the service does with which collection of documents: "read" them, "add" new ones and
                   see none, or "write", which is all; in containers it may do that and nothing else. None:
                   everything, with every collection
    personal       the documents that go when a key is to be forgotten: collection → the field that names it
    timers         a topic of its own, for a service that asks for `Timers`: by it they wake the node, before
                   all else that it reads unless `reads` names the topic where it belongs
    scale          the bounds within which `catenae autoscale` chooses the number of instances, of which
                   `replicas` is the first; None leaves it to people
    ttl_s          for so many seconds a State keeps what was written last, by the constructor's parameter;
                   one that is not named keeps it for ever
    """

    name: str
    service: str
    reads: str | Input | Sequence[str | Input] = ()
    writes: str | Mapping[str, str] = ""
    replicas: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    input_mode: str = "parity"
    concurrency: int = 1
    on_error: OnError = "dead-letter"
    batch_records: int = 1000
    resources: Resources = Resources()
    extras: Sequence[str] = ()
    retry: Retry = field(default_factory=Retry)
    files: Mapping[str, FileAccess] = field(default_factory=dict)
    documents: Mapping[str, Access] | None = None
    personal: Mapping[str, str] = field(default_factory=dict)
    timers: str = ""
    ttl_s: Mapping[str, float] = field(default_factory=dict)
    scale: Scale | None = None

    def __post_init__(self) -> None:
        for mistake in self._mistakes():
            raise TopologyError(f"node {self.name!r} {mistake}")

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """What the node reads, in order of priority: its timers first, unless `reads` has them elsewhere."""
        several = (self.reads,) if isinstance(self.reads, str | Input) else self.reads
        read = tuple(each if isinstance(each, Input) else Input(each) for each in several)
        has_timers = not self.timers or any(each.topic == self.timers for each in read)
        return read if has_timers else (Input(self.timers), *read)

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The topic of each port; a single output has the port ""."""
        if isinstance(self.writes, str):
            return {"": self.writes} if self.writes else {}
        return dict(self.writes)

    @property
    def is_source(self) -> bool:
        """Whether the node reads nothing and writes, and so generates."""
        return self.kind == "source"

    @property
    def kind(self) -> Literal["source", "middle", "leaf", "server"]:
        """What the service must be, to have such inputs and outputs."""
        if not self.inputs:
            return "source" if self.outputs else "server"
        return "middle" if self.outputs else "leaf"

    @property
    def is_server(self) -> bool:
        """Whether the node neither reads nor writes, so that its service is a Server."""
        return self.kind == "server"

    def _mistakes(self) -> Iterator[str]:
        if not is_name(self.name):
            yield f"needs another name: {NAME_RULE}"
        if not _CLASS.fullmatch(self.service):
            yield f"names service {self.service!r}; write it as 'package.module:Class'"
        for name in ("replicas", "concurrency", "batch_records"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                yield f"has {name}={value!r}; it needs a whole number of at least 1"
        yield from bad_choice("on_error", self.on_error, get_args(OnError))
        retry: object = self.retry
        if not isinstance(retry, Retry):
            yield f"has retry={retry!r}; give it a Retry(first_pause_s, longest_pause_s, attempts)"
        yield from self._input_mistakes()
        yield from self._output_mistakes()
        yield from self._kept_mistakes()
        if isinstance(self.extras, str) or not all(_EXTRA.fullmatch(each) for each in self.extras):
            yield f"has extras={self.extras!r}; list names of lower-case letters, digits and -"
        scale: object = self.scale
        if scale is not None and not isinstance(scale, Scale):
            yield f"has scale={scale!r}; give it a Scale(least=1, most=4)"
        elif scale is not None and not self.inputs:
            yield "has scale=, but reads nothing: there is no load to scale it by; remove it"
        if not self.inputs and self.concurrency > 1:
            yield f"has concurrency={self.concurrency}, but reads nothing: one thread generates; remove it"

    def _input_mistakes(self) -> Iterator[str]:
        if not _CLASS.fullmatch(str(self.input_mode)):
            yield from bad_choice("input_mode", self.input_mode, INPUT_MODES)
        if self.timers and all(each.topic == self.timers for each in self.inputs):
            yield f"has timers={self.timers!r}, but reads nothing else by which they could be set; remove it"
        if self.timers and self.timers in self.outputs.values():
            yield f"has timers={self.timers!r} and writes that topic; give its timers one of their own"
        if self.timers and any(
            each.topic == self.timers and each != Input(self.timers) for each in self.inputs
        ):
            yield f"reads its timers {self.timers!r} with a delay or an event time; name the topic alone"
        topics = [each.topic for each in self.inputs]
        for each in self.inputs:
            yield from bad_topic("reads", each.topic)
            if not (math.isfinite(each.delay_s) and each.delay_s >= 0):
                yield f"reads topic {each.topic!r} with delay_s={each.delay_s!r}; it needs seconds, 0 or more"
            if each.event_ms and each.event_s:
                yield f"reads topic {each.topic!r} with event_ms= and event_s=; say one of them"
            if topics.count(each.topic) > 1:
                yield f"reads topic {each.topic!r} twice; name it once"

    def _kept_mistakes(self) -> Iterator[str]:
        for collection, access in (self.documents or {}).items():
            yield from bad_choice(f"documents[{collection!r}]", access, get_args(Access))
        for collection in self.personal:
            if self.documents is not None and self.documents.get(collection) != "write":
                yield (
                    f"has personal documents in {collection!r}, which it may not remove; "
                    f"add {collection!r}: 'write' to its documents="
                )
        for path, access in self.files.items():
            yield from bad_choice(f"files[{path!r}]", access, get_args(FileAccess))
            if not is_in_data_folder(path):
                yield f"has files[{path!r}], which is not in the data folder; name it as 'data/…'"
        for state, ttl_s in self.ttl_s.items():
            if not (math.isfinite(ttl_s) and ttl_s > 0):
                yield f"has ttl_s[{state!r}]={ttl_s!r}; it needs seconds, more than 0"

    def _output_mistakes(self) -> Iterator[str]:
        for port, topic in self.outputs.items():
            yield from bad_topic("writes", topic)
            if port != "" and not is_name(port):
                yield f"writes port {port!r}, which needs another name: {NAME_RULE}"


def is_in_data_folder(path: str) -> bool:
    """Say whether a path, seen from the project's folder, is one in its data folder."""
    parts = PurePosixPath(path).parts
    return len(parts) > 1 and parts[0] == _DATA and ".." not in parts


NAME_RULE = "lower-case letters, digits and _, a letter first, at most 63 characters"


def is_name(text: object) -> bool:
    """Say whether a text can name a node, a topology or a port."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def bad_topic(verb: str, topic: object) -> Iterator[str]:
    """Yield what is wrong with a topic's name, if anything."""
    if not isinstance(topic, str):
        yield f"{verb} {topic!r}, which is no topic; give its name, or an Input(name, delay_s=...) to read"
    elif not _TOPIC.fullmatch(topic):
        yield f"{verb} topic {topic!r}, which needs another name: {_TOPIC_RULE}"


def bad_choice(name: str, value: object, choices: Sequence[str]) -> Iterator[str]:
    """Yield that a value is none of the choices, if so."""
    if value not in choices:
        yield f"has {name}={value!r}; {suggestion(str(value), choices)}"
