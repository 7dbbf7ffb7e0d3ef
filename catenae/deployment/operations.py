"""What runs and how it stands, for a service that shows it or puts it right.

All of it is read from the broker: so it is the same on every broker and in every process, and says what has
been committed rather than what a process says of itself.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from catenae.broker import Broker, Position
from catenae.clock import Clock, SystemClock
from catenae.codec import Codec, decode_key
from catenae.deployment import replay
from catenae.deployment.control import Answers, Control
from catenae.deployment.control_acts import Pause, Resume
from catenae.deployment.control_log import ControlLog
from catenae.deployment.lag import lags
from catenae.deployment.pauses import Pauses
from catenae.deployment.replay import Letter
from catenae.errors import CodecError, ConfigError
from catenae.message import Record, TopicPartition
from catenae.plain_json import plain
from catenae.runtime import dead_letters
from catenae.suggestion import suggestion
from catenae.topology.graph import Topology


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """How a node stands. Two of these, some seconds apart, give its rates.

    instances     members of the node's group whose lease runs
    joined        each of them, with what is another one once it was started again or came back after silence
    handled       records that it is past, over all of its inputs
    written       records ever written to its outputs, by whomever
    lag           records that its inputs hold for it
    dead_letters  messages that it could not handle and that wait
    last_error    the reason of the newest of them; "" if there is none
    """

    instances: int = 0
    handled: int = 0
    written: int = 0
    lag: int = 0
    dead_letters: int = 0
    last_error: str = ""
    joined: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was set aside.

    topic        where it came from, and where a replay puts it back
    error        the traceback, "" if there was none; like key and value it may hold a person's words
    value        as JSON has it, whatever it was
    is_readable  whether `value` could be decoded; it is None if not
    """

    topic: str
    partition: int
    offset: int
    at_ms: int
    reason: str
    node: str
    error: str
    key: str | int | bytes | None
    value: object
    is_readable: bool


@dataclass(slots=True)
class _Tally:
    """The waiting letters of one dead-letter topic, counted up to `seen`; anew when some have gone.

    gone  how far letters were replayed, and how far they were dropped
    """

    gone: Sequence[Mapping[TopicPartition, Position]]
    seen: dict[int, int] = field(default_factory=dict)
    letters: Counter[tuple[str, str]] = field(default_factory=Counter)
    newest: dict[str, tuple[int, str]] = field(default_factory=dict)


class Operations:
    """A running topology seen from outside of its nodes. Thread-safe.

    A service whose constructor asks for it by this annotation is given it. Every method may raise
    `TransientError` while the broker is away.
    """

    def __init__(
        self,
        topology: Topology,
        broker: Broker,
        count_left_out: Callable[[int], None] = lambda _: None,
        clock: Clock | None = None,
    ) -> None:
        """`count_left_out` is told what `left_out` is, for the metrics of the node whose service has this."""
        self.topology = topology
        self._broker = broker
        self._count_left_out = count_left_out
        self._clock = clock or SystemClock()
        self._pauses = Pauses(topology, ControlLog(broker, topology.name, self._clock), self._clock)
        self._tallies: dict[str, _Tally] = {}

    def figures(self) -> Mapping[str, NodeFigures]:
        """Return how each node stands now."""
        behind: dict[str, list[tuple[int, int]]] = {node.name: [] for node in self.topology.nodes}
        for each in lags(self._broker, self.topology):
            behind[each.node].append((each.position, each.records))
        held = self._ends()
        letters, newest = self._letters_by_node()
        joined = {node.name: self._broker.members(self.topology.group(node)) for node in self.topology.nodes}
        return {
            node.name: NodeFigures(
                instances=len(joined[node.name]),
                handled=sum(position for position, _ in behind[node.name]),
                written=sum(held[topic] for topic in dict.fromkeys(node.outputs.values())),
                lag=sum(records for _, records in behind[node.name]),
                dead_letters=letters[node.name],
                last_error=newest.get(node.name, (0, ""))[1],
                joined=joined[node.name],
            )
            for node in self.topology.nodes
        }

    def pauses(self) -> Mapping[str, int]:
        """Return until when each node that a person has paused is, in milliseconds since 1970 UTC."""
        return self._pauses.look()

    def pause(self, node: str, for_s: float) -> Answers:
        """Have a node stand still for so long at most, a day being the longest; return who has answered.

        It takes up to some seconds. Raises `CatenaeError` where there is no such node, or nobody to ask.
        """
        return self._control().ask(Pause(for_s), node)

    def resume(self, node: str) -> Answers:
        """Have a node go on; as `pause`."""
        return self._control().ask(Resume(), node)

    def records(self) -> Mapping[str, int]:
        """Return how many records each topic of the declaration holds."""
        return {
            topic: sum(span.end - span.start for span in self._broker.spans(topic))
            for topic in self.topology.data_topics()
        }

    def left_out(self, documents: int) -> None:
        """Count documents that the service cannot show, since they hold something else than they must."""
        self._count_left_out(documents)

    def dead_letter_counts(self) -> Mapping[tuple[str, str, str], int]:
        """Return how many dead letters wait, by the topic they came from, reason and node."""
        return {
            (dead.removesuffix(dead_letters.SUFFIX), reason, self._node_of(group)): count
            for dead in self._dead_topics()
            for (reason, group), count in sorted(self._tally(dead).letters.items())
        }

    def dead_letters(self, topic: str, limit: int) -> list[DeadLetter]:
        """Return the oldest dead letters of a topic that wait. Raises `ConfigError` for an unknown topic."""
        waiting = replay.waiting_letters(self._broker, self._dead_topic(topic))
        codec = Codec(self.topology.formats)
        return [self._described(topic, each, codec) for each in islice(waiting, limit)]

    def replay(self, topic: str) -> int:
        """Put the dead letters of a topic back for the nodes that failed, each once; return how many.

        Raises `ConfigError` for an unknown topic, `Fenced` if another replay has taken over.
        """
        return replay.replay(self._broker, self._dead_topic(topic)).moved

    def _control(self) -> Control:
        return Control(self.topology, self._broker, self._clock)

    def _dead_topics(self) -> Iterator[str]:
        known = set(self._broker.topics())
        return (t for t in map(dead_letters.dead_topic, self.topology.data_topics()) if t in known)

    def _dead_topic(self, topic: str) -> str:
        dead = dead_letters.dead_topic(topic)
        if dead not in self._dead_topics():
            known = [each.removesuffix(dead_letters.SUFFIX) for each in self._dead_topics()]
            raise ConfigError(f"topic {topic!r} has no dead letters; {suggestion(topic, known)}")
        return dead

    def _ends(self) -> Mapping[str, int]:
        written = {topic for node in self.topology.nodes for topic in node.outputs.values()}
        return {topic: sum(span.end for span in self._broker.spans(topic)) for topic in written}

    def _letters_by_node(self) -> tuple[Counter[str], dict[str, tuple[int, str]]]:
        letters: Counter[str] = Counter()
        newest: dict[str, tuple[int, str]] = {}
        for dead in self._dead_topics():
            tally = self._tally(dead)
            for (_, group), count in tally.letters.items():
                letters[self._node_of(group)] += count
            for group, error in tally.newest.items():
                node = self._node_of(group)
                newest[node] = max(error, newest.get(node, error))
        return letters, newest

    def _tally(self, dead: str) -> _Tally:
        """Return the count of a dead-letter topic; what was counted before is not read again."""
        gone = [dict(self._broker.positions(each)) for each in (replay.REPLAY_GROUP, replay.DROP_GROUP)]
        tally = self._tallies.get(dead)
        if tally is None or tally.gone != gone:
            tally = _Tally(gone)
        counted = _Tally(gone, dict(tally.seen), Counter(tally.letters), dict(tally.newest))
        for letter in replay.waiting_letters(self._broker, dead, tally.seen):
            record = letter.record
            counted.letters[letter.reason, letter.group] += 1
            counted.newest[letter.group] = (record.timestamp_ms, letter.reason)
            counted.seen[record.partition] = record.offset + 1
        self._tallies[dead] = counted
        return counted

    def _node_of(self, group: str) -> str:
        return group.removeprefix(f"{self.topology.name}.")

    def _described(self, topic: str, letter: Letter, codec: Codec) -> DeadLetter:
        record = letter.record
        try:
            value, is_readable = plain(codec.decode(record)), True
        except CodecError:
            value, is_readable = None, False
        return DeadLetter(
            topic=topic,
            partition=record.partition,
            offset=record.offset,
            at_ms=_whole_number(_header(record, dead_letters.AT_MS)),
            reason=letter.reason,
            node=self._node_of(letter.group),
            error=_header(record, dead_letters.TRACEBACK),
            key=decode_key(record.key),
            value=value,
            is_readable=is_readable,
        )


def _whole_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 17 else 0


def _header(record: Record, name: str) -> str:
    return record.headers.get(name, b"").decode(errors="replace")
