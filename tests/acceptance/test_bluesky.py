"""The way of Bluesky's posts into the documents, while connections break and processes are killed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.config import read_settings
from catenae.deployment.reading import read_spans
from catenae.stores import open_documents
from services.bluesky.demo.serving import serving
from services.bluesky.demo.timeline import Timeline, address_of, is_english
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Community, Item, Plan, generate
from tests.patience import PATIENCE_S, until

pytestmark = pytest.mark.acceptance

PROJECT = Path(__file__).parents[2]
LIVE, LIVE_PER_S = 1500, 100.0
TURNS = 6


@contextmanager
def running(data: Path, address: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the topology while the block runs."""
    command = [sys.executable, "-m", "catenae", "up", "tests/acceptance/bluesky_topology.py"]
    command += ["--data", str(data), "--http-port", "0", "--lease-s", "1"]
    command += ["--option", f"jetstream.server={address}"]
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        assert process.wait(PATIENCE_S) == 0


def stored(data: Path) -> set[str]:
    with closing(open_documents(read_settings({}, {"data": str(data)}).documents)) as documents:
        return {each["id"] for each in documents.find("posts", limit=10 * LIVE).documents}


def written(data: Path) -> Counter[str]:
    """Return how often each post was passed on, less how often it was taken away."""
    found: Counter[str] = Counter()
    with closing(open_broker(read_settings({}, {"data": str(data)}).broker)) as broker:
        codec = Codec()
        for record in read_spans(broker, "texts", broker.spans("texts")):
            text: Any = codec.decode(record)
            found[text["id"]] += -1 if text.get("removed") else 1
    return found


def live(community: Community) -> list[Item]:
    opens_utc = community.plan.opens_utc
    return [item for item in community.items if item.created_utc > opens_utc and is_english(item)]


def kill_some(up: "subprocess.Popen[bytes]", chance: random.Random) -> None:
    until(lambda: len(instances(up)) > 2)
    for pid in chance.sample(instances(up), 2):
        os.kill(pid, signal.SIGKILL)


def instances(up: "subprocess.Popen[bytes]") -> list[int]:
    """Return the process ids of those that run; of what was killed the next one starts in a while."""
    return [int(pid) for pid in Path(f"/proc/{up.pid}/task/{up.pid}/children").read_text().split()]


def test_every_post_counts_once_and_what_is_deleted_does_not(tmp_path: Path) -> None:
    chance = random.Random(7)
    plan = Plan(50, 2 * LIVE, prolific=0, opens_utc=int(time.time()), live=LIVE, live_per_s=LIVE_PER_S)
    community = generate(plan)
    calendar = Calendar(plan.opens_utc, speed=0)
    timeline = Timeline(community, calendar.now_utc)
    data = tmp_path / "data"
    with serving(timeline) as server, running(data, server.address) as up:
        until(lambda: server.connected)
        calendar.run_at(1.0)
        for _ in range(TURNS):
            time.sleep(2.0)
            server.cut()
            kill_some(up, chance)
        until(lambda: calendar.now_utc() > community.items[-1].created_utc)
        *others, ended = chance.sample(live(community), 30)
        for item in others:
            timeline.delete(item)
        timeline.end_account(ended.author)
        kill_some(up, chance)
        everything = {address_of(item): item for item in live(community)}
        gone = {address_of(item) for item in others}
        gone |= {name for name, item in everything.items() if item.author is ended.author}
        kept = everything.keys() - gone
        until(lambda: stored(data) == kept)

    assert written(data) == {name: int(name not in gone) for name in everything}
