"""What a session promises, as a model of ten lines, and any order of events against it.

The model knows of each partition how many records were written and how many are committed. Whatever happens:
what is handed over leaves nothing out and doubles nothing; a commit that returns goes on exactly where the
group was; and in the end each record has been passed on once, in order.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from catenae.broker import Batch, Broker, Input, Session, TopicSpec
from catenae.errors import Fenced, Superseded, TransientError
from catenae.message import Record, TopicPartition
from catenae.runtime.inputs import input_mode
from tests.contract.faults import Fault, Faults, inflict

PARTITIONS = 3
NAMES = ("a", "b", "c")
DELAY_S = 5.0
# So often in a row all may find nothing, though something is left.
IDLE_ROUNDS = 10
GIVEN_UP = (Fenced, TransientError)
FAULT = st.none() | st.builds(Fault, calls=st.integers(0, 7), is_made=st.booleans())
PICK = st.integers(0, 5)
Indexes = dict[TopicPartition, list[int]]


class World(NamedTuple):
    """A broker, and how time passes there.

    open        gives another view of the same broker, as a process has
    poll_s      how long a poll waits
    patience_s  how long a group that shares out anew may find nothing; some clients need all members to look
                at the same time for that
    """

    open: Callable[[], Broker]
    advance: Callable[[float], None]
    poll_s: float = 0.0
    patience_s: float = 0.0

    def all_at_once(self, look: "Callable[[Member], None]", members: Sequence["Member"]) -> None:
        """Let members look, each in a thread of its own where time is real."""
        if not self.patience_s:
            for each in members:
                look(each)
        elif members:
            with ThreadPoolExecutor(len(members)) as pool:
                list(pool.map(look, members))


@dataclass
class Member:
    """A session and what its owner knows: the batches it holds, and those it once had."""

    session: Session
    held: list[Batch] = field(default_factory=list)
    staged: int = 0
    former: list[Batch] = field(default_factory=list)

    def give_up(self) -> None:
        self.former += self.held
        self.held, self.staged = [], 0


class SessionMachine(RuleBasedStateMachine):
    """Members of a group pass records on, each to the partition of its number, under faults of all kinds."""

    def __init__(self, world: World, prefix: str) -> None:
        super().__init__()
        self.world = world
        self.broker = world.open()
        self.texts, self.later, self.out = (f"{prefix}{name}" for name in ("texts", "later", "out"))
        self.group = f"{prefix}group"
        self.broker.create_topics(
            [TopicSpec(name, PARTITIONS) for name in (self.texts, self.later, self.out)]
        )
        self.written: Counter[TopicPartition] = Counter()
        self.committed: Counter[TopicPartition] = Counter()
        self.unsure: defaultdict[TopicPartition, set[int]] = defaultdict(set)
        self.members: dict[str, Member] = {}
        self.zombies: list[Member] = []
        self.faults = Faults()
        self.events: Counter[str] = Counter()

    # What happens.

    @initialize(counts=st.lists(st.integers(0, 9), min_size=2 * PARTITIONS, max_size=2 * PARTITIONS))
    def begin(self, counts: Sequence[int]) -> None:
        for number, count in enumerate(counts):
            self.write(late=number < PARTITIONS, partition=number % PARTITIONS, count=count)
        self.join("a")

    @rule(late=st.booleans(), partition=st.integers(0, PARTITIONS - 1), count=st.integers(1, 9))
    def write(self, *, late: bool, partition: int, count: int) -> None:
        place = TopicPartition(self.later if late else self.texts, partition)
        first = self.written[place]
        self.broker.append(
            [Record(place.topic, None, b"%d" % index, {}, partition) for index in range(first, first + count)]
        )
        self.written[place] += count

    @rule(name=st.sampled_from(NAMES))
    def join(self, name: str) -> None:
        """Come, or come back after a kill: what was before is a zombie, which may still act."""
        inputs = [Input(self.texts), Input(self.later, DELAY_S)]
        if name in self.members:
            self.zombies.append(self.members.pop(name))
        session = self.world.open().join(self.group, name, inputs)
        inflict(session, self.faults)
        self.members[name] = Member(session)
        self.look_around()

    def restart(self, superseded: Member) -> None:
        """Begin anew in place of one that believes itself replaced: a supervisor does so with its process."""
        name = next(name for name, each in self.members.items() if each is superseded)
        self.members.pop(name).session.close()
        self.join(name)

    @rule(pick=PICK)
    def leave(self, pick: int) -> None:
        for name in picked(sorted(self.members), pick):
            with suppress(TransientError):  # then it is gone once its lease is
                self.members.pop(name).session.close()
        self.look_around()

    @rule(pick=PICK, most=st.integers(1, 9), holds=st.booleans(), exponential=st.booleans(), fault=FAULT)
    def poll(self, pick: int, most: int, fault: Fault | None, *, holds: bool, exponential: bool) -> None:
        self.faults.plan(fault)
        for member in self.one_of_them(pick):
            self.poll_as(member, most, holds=holds, exponential=exponential)

    @rule(
        pick=PICK,
        most=st.lists(st.integers(1, 9), min_size=1, max_size=3),
        stages=st.booleans(),
        fault=FAULT,
    )
    def work(self, pick: int, most: Sequence[int], fault: Fault | None, *, stages: bool) -> None:
        """Poll once or more, and commit all of it, as a loop does."""
        self.faults.plan(fault)
        for member in self.one_of_them(pick):
            for each in most:
                self.poll_as(member, each, holds=True, exponential=False)
                if stages:
                    self.stage_as(member)
            self.attempt(member, member.held, member.held[member.staged :])

    @rule(pick=PICK, cut=st.none() | st.integers(0, 3), fault=FAULT)
    def commit(self, pick: int, cut: int | None, fault: Fault | None) -> None:
        """Commit what is held, or only what comes before the `cut`-th record of one partition."""
        self.faults.plan(fault)
        for member in picked(self.holders(), pick):
            batches = member.held
            if cut is not None and not member.staged:
                self.events["cut"] += 1
                batches = cut_off(batches, cut)
            self.attempt(member, batches, batches[member.staged :])

    @rule(pick=PICK)
    def commit_the_last_alone(self, pick: int) -> None:
        some = [each for each in self.holders() if len(each.held) > 1 and not each.staged]
        for member in picked(some, pick):
            self.attempt(member, member.held[-1:], member.held[-1:])

    @rule(pick=PICK)
    def stage(self, pick: int) -> None:
        for member in picked(self.holders(), pick):
            self.stage_as(member)

    @rule(pick=PICK)
    def commit_what_was_given_up(self, pick: int) -> None:
        for member in self.one_of_them(pick):
            for batch in picked(member.former, pick):
                self.attempt(member, [batch], None)

    @rule()
    def let_a_zombie_act(self) -> None:
        for zombie in self.zombies[-1:]:
            self.attempt(zombie, zombie.held, zombie.held[zombie.staged :])

    @rule(pick=PICK, partition=st.integers(0, PARTITIONS - 1), pause_s=st.floats(0.1, 10))
    def pause(self, pick: int, partition: int, pause_s: float) -> None:
        for member in self.one_of_them(pick):
            member.session.pause(TopicPartition(self.texts, partition), pause_s)

    @rule(seconds=st.floats(0.5, 20))
    def wait(self, seconds: float) -> None:
        self.world.advance(seconds)

    # What must hold.

    def attempt(self, member: Member, batches: Sequence[Batch], unstaged: Sequence[Batch] | None) -> None:
        """Commit, and hold it against the model."""
        meant = indexes(batches)
        staged = 0 if unstaged is None else len(batches) - len(unstaged)
        try:
            member.session.commit(
                without_records(batches, staged), self.outputs(batches if unstaged is None else unstaged)
            )
        except Fenced:
            self.events["fenced"] += 1
        except TransientError:
            self.events["unsure"] += 1
            for place, some in meant.items():
                self.unsure[place].add(some[-1] + 1)
        else:
            self.events["committed"] += bool(meant)
            for place, some in meant.items():
                assert some[0] in self.reached(place), (
                    f"{place} goes on at {some[0]}, not {self.reached(place)}"
                )
                self.committed[place] = some[-1] + 1
                self.unsure.pop(place, None)
        member.give_up()

    def require_nothing_left_out(self, member: Member) -> None:
        for place, some in indexes(member.held).items():
            assert some == list(range(some[0], some[0] + len(some))), f"{place}: {some}"
            reached = max(self.reached(place))
            assert some[0] <= reached, f"{place} begins at {some[0]}, but only {reached} are committed"

    def reached(self, place: TopicPartition) -> set[int]:
        """Return how many records of a partition may be committed: nobody knows after some errors."""
        return {self.committed[place], *self.unsure[place]}

    def teardown(self) -> None:
        """Let those who are there do what is left; then everything has been passed on once and in order."""
        self.faults.plan(None)
        self.world.advance(60.0)
        if not self.members:
            self.join("heir")
        moved, since_s, idle = 0, time.monotonic(), 0
        while moved < self.written.total() and (
            idle < IDLE_ROUNDS or time.monotonic() - since_s < self.world.patience_s
        ):
            self.look_around()
            for each in list(self.members.values()):
                self.poll_as(each, 50, holds=False, exponential=False)
                self.attempt(each, each.held, each.held)
            before, moved = moved, sum(map(len, self.passed_on().values()))
            idle = 0 if moved > before else idle + 1
            since_s = time.monotonic() if moved > before else since_s
        for each in (*self.members.values(), *self.zombies):
            each.session.close()
        written = {place: list(range(count)) for place, count in self.written.items() if count}
        found = self.passed_on()
        assert found == written, f"written {dict(written)}, passed on {dict(found)}"

    # Parts of these.

    def poll_as(self, member: Member, most: int, *, holds: bool, exponential: bool) -> None:
        if not holds:
            member.give_up()
        topics = [self.texts, self.later]
        mode = input_mode("exponential" if exponential else "parity", topics)
        try:
            held = without_records(member.held, member.staged)
            batches = mode.poll(member.session, most, self.world.poll_s, held)
        except GIVEN_UP as error:
            self.events[f"poll {type(error).__name__}"] += 1
            member.give_up()
            if isinstance(error, Superseded):
                self.restart(member)
        else:
            member.held += [each for each in batches if each.records]
            self.events["polled"] += any(each.records for each in batches)
            self.require_nothing_left_out(member)

    def stage_as(self, member: Member) -> None:
        try:
            member.session.stage(self.outputs(member.held[member.staged :]))
            member.staged = len(member.held)
        except GIVEN_UP:
            member.give_up()

    def one_of_them(self, pick: int) -> list[Member]:
        return picked([self.members[name] for name in sorted(self.members)], pick)

    def holders(self) -> list[Member]:
        return [each for each in self.members.values() if each.held]

    def look_around(self) -> None:
        """Let every member notice a change of owners, as a loop does all the time."""

        def look(member: Member) -> None:
            try:
                member.session.poll({}, self.world.poll_s, member.held)
            except GIVEN_UP:
                member.give_up()

        self.world.all_at_once(look, list(self.members.values()))

    def outputs(self, batches: Sequence[Batch]) -> list[Record]:
        return [
            Record(self.out, each.topic.encode(), each.value, {}, each.partition)
            for batch in batches
            for each in batch.records
        ]

    def passed_on(self) -> Indexes:
        found: defaultdict[TopicPartition, list[int]] = defaultdict(list)
        for number, span in enumerate(self.broker.spans(self.out)):
            offset = span.start
            while some := self.broker.read(self.out, number, offset, 1000):
                for each in some:
                    found[TopicPartition((each.key or b"").decode(), number)].append(int(each.value or b""))
                offset = some[-1].offset + 1
        return found


def picked(some: Sequence[Any], pick: int) -> list[Any]:
    """Return one of them, or none where there is none.

    Hypothesis draws a number whatever there is: on Kafka the same events need not come to the same.
    """
    return [some[pick % len(some)]] if some else []


def cut_off(batches: Sequence[Batch], cut: int) -> list[Batch]:
    """Return batches without the `cut`-th record of their first partition and those after it."""
    place = next(iter(indexes(batches)))
    records = [each for batch in batches for each in batch.records if place_of(each) == place]
    stop = records[min(cut, len(records) - 1)].offset
    return [each.until({place: stop}) for each in batches]


def without_records(batches: Sequence[Batch], handled: int) -> list[Batch]:
    """Return batches of which the first so many were handled, as a loop keeps them."""
    return [*(each.handled() for each in batches[:handled]), *batches[handled:]]


def place_of(record: Record) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)


def indexes(batches: Sequence[Batch]) -> Indexes:
    """Return which records of each partition are in batches, by the number each was written with."""
    found: defaultdict[TopicPartition, list[int]] = defaultdict(list)
    for batch in batches:
        for each in batch.records:
            found[place_of(each)].append(int(each.value or b""))
    return found
