"""The whole of it on one machine: crawler and screening on the local Reddit, until all is as it should be."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from catenae import Documents, open_documents
from services.cli.run import MODEL_NODES, RunFailed, every
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import BOTS, Gone, Item, Plan, generate
from services.reddit.demo.outcome import Outcome
from services.reddit.demo.reddit import LocalReddit, praw_environment
from services.reddit.demo.serving import serving

TOPOLOGY = "topologies/reddit_demo.py"
BUDGET_REQUESTS, BUDGET_WINDOW_S = 3000, 60.0
LATENCY_S = 0.1
PLAN_FILE = "community.json"

_LOOK_EVERY_S = 1.0
# Nothing new for so long means that nothing will come: the longest queue waits for less.
_PATIENCE_S = 90.0
_DELETED_SHARE = 0.01
_WATCHED = {"/r/all/new", "/r/all/comments"}


class Crawl:
    """One run in a data folder. A second one goes on there, with the same community.

    data   folder of everything the run keeps
    model  folder of the model
    plan   of the community, unless the folder has one from before
    fresh  take this plan even so
    """

    def __init__(self, data: Path, model: Path, plan: Plan, *, fresh: bool = False) -> None:
        self._data = data
        self._model = model
        plan = _kept(data, plan, fresh=fresh)
        calendar = Calendar(max(plan.opens_utc, time.time()), speed=0)
        self._reddit = LocalReddit(generate(plan), calendar, latency_s=LATENCY_S)
        self._reddit.budget.requests, self._reddit.budget.window_s = BUDGET_REQUESTS, BUDGET_WINDOW_S
        self._last_utc = self._reddit.community.items[-1].created_utc
        self._deleted: frozenset[str] = frozenset()
        self._started_s = time.monotonic()
        self._since_utc: float | None = None

    @contextmanager
    def running(self, port: int) -> Iterator["subprocess.Popen[bytes]"]:
        """Run the local Reddit and the topology, its web tool on `port`, while the block runs.

        Ctrl-C and SIGTERM raise KeyboardInterrupt in it. At its end all stops in order. Raises RunFailed.
        """
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with serving(self._reddit) as address, self._topology(address, port) as process:
            yield process

    def outcome(self) -> Outcome:
        """Return how things stand."""
        community, ledger = self._reddit.community, self._reddit.ledger
        truth = community.truth()
        with self._documents() as documents:
            stored = {each["id"] for each in every(documents, "posts")}
            alerted = [each["user"] for each in every(documents, "alerts")]
            visits = {each["user"]: each["visits"] for each in every(documents, "visits")}
        found = self._seen() | visits.keys()
        wanted = {item.name for item in self._shown() if item.author.name in found}
        statuses = ledger.statuses()
        return Outcome(
            elapsed_s=time.monotonic() - self._started_s,
            reachable=len(wanted),
            stored=len(wanted & stored),
            deleted=len(self._deleted),
            left_over=len(self._deleted & stored),
            users=len(truth),
            found=len(found),
            visited=len(visits),
            visits=sum(visits.values()),
            requests=len(ledger),
            refused=statuses[429],
            busiest=ledger.busiest(BUDGET_WINDOW_S),
            alerts=len(alerted),
            true_alerts=sum(truth.get(user, False) for user in alerted),
            positives=sum(truth.values()),
        )

    def watch(self, process: "subprocess.Popen[bytes]", longest_s: float = 0.0) -> None:
        """Return once everything within reach is stored, nothing changes any more, or `longest_s` are over.

        Meanwhile authors delete some of it. 0 seconds: as long as it takes.
        """
        longest_s = longest_s or float("inf")
        changed_s, before = time.monotonic(), (-1, -1)
        while process.poll() is None and time.monotonic() - self._started_s < longest_s:
            time.sleep(_LOOK_EVERY_S)
            if self._since_utc is None:
                self._begin()
                continue
            if not self._deleted and self._is_half_written():
                self._delete_some()
            counts = self._counts()
            if counts != before:
                changed_s, before = time.monotonic(), counts
            if not self._is_all_written() or not self._deleted:
                continue
            # All texts have passed the screening when each has a probability.
            if counts[0] == counts[1] and self.outcome().is_complete:
                return
            if time.monotonic() - changed_s > _PATIENCE_S:
                return

    def _begin(self) -> None:
        """Let time pass in the community once both crawlers watch it, so that none of it is missed."""
        if {each.path for each in self._reddit.ledger} >= _WATCHED:
            self._since_utc = self._reddit.calendar.now_utc()
            self._reddit.calendar.run_at(1.0)

    def _is_all_written(self) -> bool:
        return self._reddit.calendar.now_utc() > self._last_utc

    def _is_half_written(self) -> bool:
        opens_utc = self._reddit.community.plan.opens_utc
        return self._reddit.calendar.now_utc() > (opens_utc + self._last_utc) / 2

    def _delete_some(self) -> None:
        there = [item.name for item in self._shown()]
        taken = random.Random(0).sample(there, round(len(there) * _DELETED_SHARE))
        self._reddit.take_away(taken, Gone.BY_AUTHOR)
        self._deleted = frozenset(taken)

    def _shown(self) -> list[Item]:
        """Return what anybody can find who knows where to look, without what bots write."""
        return [item for item in self._reddit.listings.reachable() if item.author.name not in BOTS]

    def _seen(self) -> set[str]:
        """Return who wrote something while the crawler watched, and can be known to it."""
        if self._since_utc is None:
            return set()
        return {item.author.name for item in self._shown() if item.created_utc > self._since_utc}

    def _counts(self) -> tuple[int, int]:
        with self._documents() as documents:
            return documents.count("posts"), documents.count("probabilities")

    @contextmanager
    def _documents(self) -> Iterator[Documents]:
        with closing(open_documents(f"sqlite:{self._data / 'documents.sqlite'}")) as documents:
            yield documents

    @contextmanager
    def _topology(self, address: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
        """Run the topology while the block runs; then it stops in order, which is waited for."""
        environment = {**os.environ, **praw_environment(address)}
        # In a group of its own, so that it is this process alone that stops it, whatever ends the block.
        process = subprocess.Popen(self._command(port), env=environment, process_group=0)  # noqa: S603
        try:
            yield process
        finally:
            process.terminate()
            status = process.wait()
        if status != 0:
            raise RunFailed(status)

    def _command(self, port: int) -> Sequence[str]:
        options = [f"--option={node}.model={self._model}" for node in MODEL_NODES]
        options += [f"--option=api.port={port}"]
        return [sys.executable, "-m", "catenae", "up", TOPOLOGY, "--data", str(self._data), *options]


def _kept(data: Path, plan: Plan, *, fresh: bool) -> Plan:
    """Return the plan that the folder keeps, or keep this one there."""
    file = data / PLAN_FILE
    if file.exists() and not fresh:
        kept: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
        return Plan(**kept)
    data.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(plan)), "utf-8")
    return plan
