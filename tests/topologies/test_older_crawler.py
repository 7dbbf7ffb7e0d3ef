"""A folder of the release in which users waited for a visit on six topics, gone on with by timers."""

import tarfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from catenae import Documents, Retention, State, Store, Timers, Topology, open_documents, open_store
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.deployment.ledger import Ledger
from catenae.deployment.reading import read_spans
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.moves import MoveInput
from catenae.operating.migrations.request import Request, carry_out
from catenae.running.assembly import Place, Platform, assemble
from catenae.running.injection import state_parameters
from catenae.runtime.loop import Step
from catenae.testing import FakeClock
from catenae.topology.loading import import_service
from services.reddit.queue_rule import DELAYS_S, QUEUES
from services.reddit.user_content_crawler import UserContentCrawler
from tests.acceptance.older_folder.make_crawler import AGES_DAYS, HOURS
from tests.services.reddit.fake_reddit import DAY_S, FakeReddit
from topologies.reddit import topology as declared

ARCHIVE = Path(__file__).parents[1] / "acceptance" / "older_folder" / "crawler_0_1.tar.gz"
CRAWLER = "user_content_crawler"
STEP_S = 1800.0
DAYS = 60


class There:
    """What the crawler of a test is made with; a topology can only name its class."""

    clock = FakeClock()
    reddit = FakeReddit(clock)


class Crawler(UserContentCrawler):
    def __init__(
        self,
        users: State[list[Any]],
        risks: State[float],
        timers: Timers,
        store: Store,
        documents: Documents,
    ) -> None:
        super().__init__(users, risks, timers, store, documents, client=There.reddit, clock=There.clock.now_s)


NODE = replace(declared.node(CRAWLER), service=f"{__name__}:Crawler", options={}, concurrency=1)
TOPOLOGY = Topology(
    "revisits",
    nodes=(NODE,),
    external=("new_users", "visits", "texts", "user_risks"),
    retention={"visits": Retention(age_s=None, size_bytes=None)},
)


class OlderFolder:
    """What the release has left, at the moment at which it was left."""

    def __init__(self, data: Path, stack: ExitStack) -> None:
        self._clock = There.clock
        self.broker = stack.enter_context(closing(open_broker(f"embedded:{data}/log", self._clock)))
        self.store = stack.enter_context(closing(open_store(f"embedded:{data}/store")))
        self.documents = stack.enter_context(closing(open_documents(f"sqlite:{data}/documents.sqlite")))

    @property
    def ledger(self) -> Ledger:
        return Ledger(TOPOLOGY, self.broker, lambda: self.store, self._clock)

    @property
    def states(self) -> dict[str, list[str]]:
        return {CRAWLER: state_parameters(import_service(NODE.service))}

    def migrate(self) -> None:
        ground = Ground(self.broker, lambda: self.store, self._clock)
        moves = [
            MoveInput(CRAWLER, f"revisits_{queue}", "continued_visits") for queue in range(1, QUEUES + 1)
        ]
        carry_out(Request(TOPOLOGY, ground).changes(moves), ground, lambda _: None)

    def run(self, days: int) -> None:
        """Go on for so many days; the process is killed and started again each week."""
        self.ledger.take_over(self.states)
        for step in range(int(days * DAY_S / STEP_S)):
            if step % int(7 * DAY_S / STEP_S) == 0:
                # The one before is not closed: its successor takes its name over.
                loop = assemble(
                    Place(TOPOLOGY, NODE, f"{CRAWLER}-0", {}),
                    Platform(self.broker, self.store, self.documents, self._clock),
                    NodeMetrics(TOPOLOGY.name, CRAWLER, CollectorRegistry()),
                    Health(self._clock, 30.0),
                ).loop
            while loop.step(0.0) is not Step.IDLE:
                pass
            self._clock.advance(STEP_S)

    def visits(self) -> dict[str, list[tuple[float, int, int]]]:
        """Return by user when a visit was over, in which queue the user waited then, and its number."""
        found: defaultdict[str, list[tuple[float, int, int]]] = defaultdict(list)
        for record in read_spans(self.broker, "visits", self.broker.spans("visits")):
            value = Codec().decode(record)
            found[value["user"]].append((record.timestamp_ms / 1000, value["queue"], value["visits"]))
        return {user: sorted(visits) for user, visits in found.items()}


@pytest.fixture
def older(tmp_path: Path) -> Iterator[OlderFolder]:
    There.clock = FakeClock()
    There.reddit = FakeReddit(There.clock)
    for place, age_days in enumerate(AGES_DAYS):
        base = 100 * place + 1
        There.reddit.write(f"user {place + 1}", *range(base, base + 12), age_s=age_days * DAY_S)
        There.clock.advance(3600 * HOURS / len(AGES_DAYS))
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    with ExitStack() as stack:
        yield OlderFolder(tmp_path / "data", stack)


def test_it_is_refused_with_the_command_that_carries_it_over(older: OlderFolder) -> None:
    found = older.ledger.refusals(older.states)

    assert f"--move-input {CRAWLER}.revisits_2=INPUT" in found[0]


@pytest.mark.lengthy
def test_every_visit_comes_once_and_at_its_time(older: OlderFolder) -> None:
    waited = {visits[-1][1] for visits in older.visits().values()}
    assert waited >= {2, 3, 4, 5, 6}

    older.migrate()
    older.run(DAYS)

    for user, visits in older.visits().items():
        assert [number for _, _, number in visits] == list(range(1, len(visits) + 1))
        assert visits[-1][0] + DELAYS_S[visits[-1][1] - 1] > There.clock.now_s() - STEP_S
        late_s = [after[0] - (before[0] + DELAYS_S[before[1] - 1]) for before, after in pairwise(visits)]
        assert all(0 <= each <= STEP_S for each in late_s), (user, late_s)


def test_the_six_topics_are_gone_and_nothing_else_stands_against_it(older: OlderFolder) -> None:
    older.migrate()

    assert older.ledger.refusals(older.states) == []
    assert not [topic for topic in older.broker.topics() if topic.startswith("revisits_")]
