"""Makes crawler_0_1.tar.gz, in a clone of the release in which users waited on six topics.

    git worktree add /tmp/older f83da71; cp make_crawler.py /tmp/older/tests/acceptance/older_folder
    python /tmp/older/tests/acceptance/older_folder/make_crawler.py crawler_0_1.tar.gz

A day of the crawler on a Reddit in memory, by a clock of its own that begins where a `FakeClock` does.
"""

import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

sys.path.insert(0, str(Path(__file__).parents[3]))

from catenae import Documents, State, Store, Topology, open_documents, open_store
from catenae.brokers import open_broker
from catenae.codec import Codec, encode_key
from catenae.deployment.ledger import Ledger
from catenae.message import Record
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.running.assembly import Place, Platform, assemble
from catenae.running.injection import state_parameters
from catenae.runtime.loop import Step
from catenae.testing import FakeClock
from catenae.topology.loading import import_service
from services.reddit.user_content_crawler import UserContentCrawler
from tests.services.reddit.fake_reddit import DAY_S, FakeReddit
from topologies.reddit import topology as declared

CLOCK = FakeClock()
REDDIT = FakeReddit(CLOCK)
# For each queue, how old the items of a user are that wait in it.
AGES_DAYS = (0.5, 2, 5, 10, 30, 100)
HOURS = 30


class Crawler(UserContentCrawler):
    def __init__(
        self, users: State[list[Any]], risks: State[float], store: Store, documents: Documents
    ) -> None:
        # By name, and as anything: the present release wants more.
        given: Any = {"users": users, "risks": risks, "store": store, "documents": documents}
        super().__init__(**given, client=REDDIT, clock=CLOCK.now_s)


def topology() -> Topology:
    node = replace(
        declared.node("user_content_crawler"),
        service="make_crawler:Crawler",
        options={},
        concurrency=1,
    )
    return Topology("revisits", nodes=(node,), external=("new_users", "visits", "texts", "user_risks"))


def first_visits() -> Iterator[Record]:
    for place, age_days in enumerate(AGES_DAYS):
        user, base = f"user {place + 1}", 100 * place + 1
        REDDIT.write(user, *range(base, base + 12), age_s=age_days * DAY_S)
        value, headers = Codec().encode("new_users", {"user": user, "ticket": 0})
        yield Record("new_users", encode_key(user), value, headers)


def make(data: Path) -> None:
    made = topology()
    with ExitStack() as stack:
        broker = stack.enter_context(closing(open_broker(f"embedded:{data}/log?map_size_mb=64", CLOCK)))
        store = stack.enter_context(closing(open_store(f"embedded:{data}/store?map_size_mb=64")))
        documents = stack.enter_context(closing(open_documents(f"sqlite:{data}/documents.sqlite")))
        states = {each.name: state_parameters(import_service(each.service)) for each in made.nodes}
        Ledger(made, broker, lambda: store, CLOCK).take_over(states)
        loop = stack.enter_context(
            closing(
                assemble(
                    Place(made, made.nodes[0], "user_content_crawler-0", {}),
                    Platform(broker, store, documents, CLOCK),
                    NodeMetrics(made.name, "user_content_crawler", CollectorRegistry()),
                    Health(CLOCK, 30.0),
                ).loop
            )
        )
        for each in first_visits():
            broker.append([each])
            for _ in range(60):
                while loop.step(0.0) is not Step.IDLE:
                    pass
                CLOCK.advance(60 * HOURS / len(AGES_DAYS))
        Ledger(made, broker, lambda: store, CLOCK).note_reached("user_content_crawler")


if __name__ == "__main__":
    sys.modules["make_crawler"] = sys.modules["__main__"]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        make(data)
        with tarfile.open(sys.argv[1], "w:gz") as archive:
            for name in ("documents.sqlite", "log/data.mdb", "store/data.mdb"):
                archive.add(data / name, f"data/{name}")
