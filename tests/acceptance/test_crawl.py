"""The whole crawler against the local Reddit, by way of PRAW, while everything goes wrong that can.

Instances are killed, frozen and scaled, requests fail in every way, items and accounts are deleted. At the
end every item within reach is stored once, nobody has passed the filter twice, every visit came once and at
its time, nothing that is gone is left, and no window of time has seen more requests than the budget. Then a
user is forgotten, bytes and all.

CATENAE_CRAWL_USERS=250 makes it long, 5000 very long; the default is a short form.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.config import read_settings
from catenae.deployment.reading import read_spans
from catenae.stores import open_documents
from services.forgetting.forget import forget
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import BOTS, Gone, Item, Plan, Standing, generate
from services.reddit.demo.faults import Fault, Trouble
from services.reddit.demo.reddit import LocalReddit, praw_environment
from services.reddit.demo.serving import serving
from tests.acceptance.revisits import courses, require_each_once_at_its_time
from tests.patience import PATIENCE_S, until

pytestmark = pytest.mark.acceptance

USERS = int(os.environ.get("CATENAE_CRAWL_USERS", "100"))
ITEMS = 20 * USERS
IS_SHORT, IS_VERY_LONG = USERS < 200, USERS >= 1000
ROUNDS = 3 if IS_SHORT else 60 if IS_VERY_LONG else 8
# So few that the budget is felt while everybody is new, and so long that it is not once all come again.
REQUESTS, WINDOW_S = 350 if IS_SHORT else 800, 10.0
DELAYS_S = "300 320 340 360 380 400" if IS_VERY_LONG else "12 14 16 18 20 22"
DELAYS = [float(each) for each in DELAYS_S.split()]
# What was due so long before the end has been told of; who has just taken over reads all timers first.
SETTLED_S = 120.0 if IS_VERY_LONG else 20.0
LIVE_S = 20.0 if IS_SHORT else 400.0 if IS_VERY_LONG else 50.0
LONGEST_S = 1500.0 if IS_VERY_LONG else 180.0
PROJECT = Path(__file__).parents[2]
TOPOLOGY = "tests/acceptance/crawl_topology.py"


@pytest.fixture
def reddit() -> LocalReddit:
    """Return a Reddit of which half is history, and the rest is written while the test runs."""
    plan = Plan(USERS, ITEMS, opens_utc=int(time.time()), live=ITEMS // 2, live_per_s=ITEMS / 2 / LIVE_S)
    found = LocalReddit(generate(plan), Calendar(plan.opens_utc), latency_s=0.02)
    found.budget.requests, found.budget.window_s = REQUESTS, WINDOW_S
    return found


@contextmanager
def crawling(data: Path, address: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the crawler's topology while the block runs."""
    environment = {
        **os.environ,
        **praw_environment(address),
        "CRAWL_BUDGET": f"{REQUESTS} {WINDOW_S}",
        "CRAWL_DELAYS_S": DELAYS_S,
    }
    command = [sys.executable, "-m", "catenae", "up", TOPOLOGY, "--data", str(data), "--http-port", "0"]
    command += ["--lease-s", "1", "--replicas", "user_content_crawler=2"]
    with (data.parent / "up.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(PATIENCE_S) == 0, (data.parent / "up.log").read_text()[-2000:]


def instances(up: "subprocess.Popen[bytes]") -> list[int]:
    """Return the process ids of the instances that run."""
    return [int(pid) for pid in Path(f"/proc/{up.pid}/task/{up.pid}/children").read_text().split()]


def send(pid: int, sign: signal.Signals) -> None:
    """Send a signal to an instance, unless it has ended meanwhile."""
    with suppress(ProcessLookupError):
        os.kill(pid, sign)


def scale(data: Path, replicas: int) -> None:
    command = [
        sys.executable,
        "-m",
        "catenae",
        "scale",
        f"user_content_crawler={replicas}",
        "--data",
        str(data),
    ]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)


def let_requests_fail(reddit: LocalReddit) -> None:
    for status in (500, 503):
        reddit.faults.add(Fault(Trouble.STATUS, share=0.01, status=status))
    reddit.faults.add(Fault(Trouble.STATUS, share=0.002, status=429, retry_after_s=1))
    reddit.faults.add(Fault(Trouble.CUT, share=0.005))
    reddit.faults.add(Fault(Trouble.GARBAGE, share=0.005))
    reddit.faults.add(Fault(Trouble.HANG, times=2, share=0.01, hang_s=12.0))


def delete_some(reddit: LocalReddit, chance: random.Random) -> None:
    """Take away some of what is there, and some accounts, in every way there is."""
    there = list(reddit.listings.reachable())
    for by in (Gone.BY_AUTHOR, Gone.BY_MODERATOR):
        reddit.take_away([item.name for item in chance.sample(there, len(there) // 100)], by)
    names = [name for name, each in reddit.community.accounts.items() if name not in BOTS and is_active(each)]
    for standing in (Standing.DELETED, Standing.HIDDEN, Standing.SUSPENDED):
        reddit.community.accounts[chance.choice(names)].standing = standing


def is_active(account: Any) -> bool:
    return bool(account.standing is Standing.ACTIVE)


def trouble(reddit: LocalReddit, data: Path, up: "subprocess.Popen[bytes]") -> None:
    """Kill, freeze, scale and delete, for a while."""
    chance = random.Random(os.environ.get("CATENAE_CRAWL_SEED", "7"))
    for turn in range(ROUNDS):
        time.sleep(chance.uniform(1.0, 2.5))
        until(lambda: len(instances(up)) > 3)
        *killed, frozen = chance.sample(instances(up), 3)
        for pid in killed:
            send(pid, signal.SIGKILL)
        if turn % 3 == 1:
            send(frozen, signal.SIGSTOP)
            time.sleep(2.0)
            send(frozen, signal.SIGCONT)
        scale(data, chance.randint(1, 4))
        delete_some(reddit, chance)


def wanted(reddit: LocalReddit, since_utc: float) -> set[str]:
    """Return the names of what is to be stored in the end.

    It is all within reach of those who have written something since the crawlers began to look, which is
    still there to be seen; bots left out.
    """
    new = (item for item in reddit.community.items if item.created_utc > since_utc)
    seen = {item.author.name for item in new if may_be_stored(item)} - set(BOTS)
    return {item.name for item in reddit.listings.reachable() if item.author.name in seen}


def may_be_stored(item: Item) -> bool:
    """Say whether an item may be stored: it is not gone, and its author has not gone either."""
    return item.gone is Gone.NO and item.author.standing is not Standing.DELETED


def stored(data: Path) -> dict[str, Mapping[str, Any]]:
    with closing(open_documents(read_settings({}, {"data": str(data)}).documents)) as documents:
        return {each["id"]: each for each in documents.find("posts", limit=10 * ITEMS).documents}


def wait_until_they_look(reddit: LocalReddit) -> float:
    """Wait until both listings have been asked for; return when that was on Reddit's clock."""
    while not {"/r/all/new", "/r/all/comments"} <= {
        each.path for each in reddit.ledger if each.status == 200
    }:
        time.sleep(0.1)
    return reddit.calendar.now_utc()


def wait_until_all_is_right(reddit: LocalReddit, data: Path, since_utc: float) -> None:
    until_s = time.monotonic() + LONGEST_S
    while True:
        found = set(stored(data))
        missing = wanted(reddit, since_utc) - found
        left = {name for name in found if not may_be_stored(reddit.community.by_name[name])}
        if not missing and not left:
            return
        assert time.monotonic() < until_s, said(reddit, missing, left)
        time.sleep(1.0)


def said(reddit: LocalReddit, missing: set[str], left: set[str]) -> str:
    authors = Counter(reddit.community.by_name[name].author.name for name in missing)
    return f"{len(missing)} items are missing, of {authors.most_common(5)}; {len(left)} are left over"


def said_of(late_ms: list[int]) -> str:
    """Return in words how late the wake-ups were."""
    ranked = sorted(late_ms) or [0]
    middle, most = ranked[len(ranked) // 2], ranked[len(ranked) * 99 // 100]
    return f"{len(late_ms)}, late by {middle} ms (median), {most} ms (p99), {ranked[-1]} ms (most)"


def values(broker: Broker, topic: str) -> list[Any]:
    codec = Codec()
    return [codec.decode(each) for each in read_spans(broker, topic, broker.spans(topic))]


def require_forgettable(user: str, data: Path) -> None:
    """Forget a user, and require that no byte of the name is left and all of the others is."""
    others = {name for name, each in stored(data).items() if each["author"] != user}

    erased = forget(user, data)

    assert min(erased.records, erased.states, erased.documents) > 0
    assert (erased.mentions, erased.traces) == (0, ())
    assert set(stored(data)) == others


def test_everything_within_reach_is_stored_once_whatever_happens(
    reddit: LocalReddit, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    data = tmp_path / "data"
    with serving(reddit) as address:
        let_requests_fail(reddit)
        with crawling(data, address) as up:
            since_utc = wait_until_they_look(reddit)
            trouble(reddit, data, up)
            reddit.faults.clear()
            wait_until_all_is_right(reddit, data, since_utc)
            stopped_s = time.time()

    with closing(open_broker(read_settings({}, {"data": str(data)}).broker)) as broker:
        texts = values(broker, "texts")
        passed = Counter(each["user"] for each in values(broker, "new_users"))
        dead = [topic for topic in broker.topics() if topic.endswith(".dead") and values(broker, topic)]
        found = courses(broker)
    written = Counter(each["id"] for each in texts if not each.get("removed"))
    removed = Counter(each["id"] for each in texts if each.get("removed"))
    assert set(written.values()) == {1}
    assert set(removed.values()) <= {1}
    assert written - removed == Counter(stored(data).keys())
    assert set(passed.values()) == {1}
    assert not set(BOTS) & set(passed)
    assert reddit.ledger.busiest(WINDOW_S) <= REQUESTS
    assert dead == []
    late_ms = require_each_once_at_its_time(found, DELAYS, stopped_s - SETTLED_S)
    record_property(
        "revisits", f"{said_of(late_ms)}; {sum(len(each.visits) for each in found.values())} visits"
    )
    require_forgettable(Counter(each["author"] for each in texts).most_common(1)[0][0], data)
