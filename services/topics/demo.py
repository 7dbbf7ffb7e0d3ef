"""The topic tool on one machine: generated people on a local Reddit and a local Bluesky, and searches."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from rich.table import Table

from catenae import ConfigError, Documents, open_documents
from services.bluesky.demo.serving import serving as serving_bluesky
from services.bluesky.demo.timeline import Timeline
from services.classifiers.classifier import Post
from services.classifiers.kinds import load_classifier
from services.cli.run import RunFailed
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Community, Plan, generate
from services.reddit.demo.reddit import LocalReddit, praw_environment
from services.reddit.demo.serving import serving as serving_reddit
from services.topics.tally import LABELS
from services.topics.wanted import COUNTS, PROGRESS, SOURCES, TOPICS

TOPOLOGY = "topologies/topic.py"
BUDGET_REQUESTS, BUDGET_WINDOW_S = 3000, 60.0
LATENCY_S = 0.05
MOST = 1000
UNSURE = 0.005
_LOOK_EVERY_S = 0.05
_PATIENCE_S = 120.0
_AT_ONCE = 1000


class TopicDemo:
    """One run in a data folder.

    data   folder of everything the run keeps; `demo` in it is the collection that is searched
    model  folder of the model
    plan   of the community
    """

    def __init__(self, data: Path, model: Path, plan: Plan) -> None:
        self._data = data
        self._model = model
        self._community = generate(plan)
        self._calendar = Calendar(plan.opens_utc)
        self._topics: list[str] = []
        self._took_s: dict[str, float] = {}
        self._began_s = 0.0

    @contextmanager
    def running(self, port: int) -> Iterator["subprocess.Popen[bytes]"]:
        """Run both networks and the topology, its web tool on `port`, while the block runs.

        Ctrl-C and SIGTERM raise KeyboardInterrupt in it. At its end all stops in order. Raises RunFailed.
        """
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        reddit = LocalReddit(self._community, self._calendar, latency_s=LATENCY_S)
        reddit.budget.requests, reddit.budget.window_s = BUDGET_REQUESTS, BUDGET_WINDOW_S
        others = generate(replace(self._community.plan, seed=self._community.plan.seed + 1))
        timeline = Timeline(others, self._calendar.now_utc)
        with self._documents() as documents:
            _hold(documents, self._community)
        with (
            serving_reddit(reddit) as address,
            serving_bluesky(timeline) as stream,
            self._topology(address, stream.address, port) as process,
        ):
            yield process

    def search(self, queries: Sequence[str]) -> None:
        """Ask for a search of each, once, and of what is new from then on."""
        with self._documents() as documents:
            self._until(lambda: documents.count(SOURCES) >= 4)
            self._began_s = time.monotonic()
            for number, query in enumerate(queries):
                topic = f"demo{number}"
                asked = {
                    "id": topic,
                    "query": query,
                    "sources": ["held", "collection", "reddit", "bluesky"],
                    "most": MOST,
                    "is_watch": number == 0,
                    "will": "run",
                    "created_ms": int(time.time() * 1000),
                    "created_by": "the demo",
                }
                documents.insert(TOPICS, asked)
                self._topics.append(topic)

    def wait(self, process: "subprocess.Popen[bytes]") -> None:
        """Return once every search has found and judged all that it looks for."""
        with self._documents() as documents:
            self._until(lambda: process.poll() is not None or self._are_done(documents))

    def table(self) -> Table:
        """Return what the searches came to."""
        table = Table("search", "found", *("signs", "no signs", "not sure"), "seconds", box=None)
        with self._documents() as documents:
            for topic in self._topics:
                asked = documents.get(TOPICS, topic) or {}
                progress = documents.get(PROGRESS, topic) or {}
                counted = _counted(documents, topic)
                took = f"{self._took_s.get(topic, float('nan')):.1f}"
                table.add_row(str(asked["query"]), str(progress.get("found")), *map(str, counted), took)
        return table

    def _are_done(self, documents: Documents) -> bool:
        for topic in self._topics:
            progress = documents.get(PROGRESS, topic) or {}
            is_done = progress.get("state") == "done" and sum(_counted(documents, topic)) >= progress["found"]
            if is_done and topic not in self._took_s:
                self._took_s[topic] = time.monotonic() - self._began_s
        return len(self._took_s) == len(self._topics)

    def _until(self, holds: Callable[[], bool]) -> None:
        given_up_s = time.monotonic() + _PATIENCE_S
        while not holds():
            if time.monotonic() > given_up_s:
                raise ConfigError("the topology has not answered for two minutes; look at its log")
            time.sleep(_LOOK_EVERY_S)

    @contextmanager
    def _documents(self) -> Iterator[Documents]:
        with closing(open_documents(f"sqlite:{self._data / 'documents.sqlite'}")) as documents:
            yield documents

    @contextmanager
    def _topology(self, reddit: str, stream: str, port: int) -> Iterator["subprocess.Popen[bytes]"]:
        environment = {**os.environ, **praw_environment(reddit)}
        # In a group of its own, so that it is this process alone that stops it, whatever ends the block.
        process = subprocess.Popen(self._command(stream, port), env=environment, process_group=0)  # noqa: S603
        try:
            yield process
        finally:
            process.terminate()
            status = process.wait()
        if status != 0:
            raise RunFailed(status)

    def _command(self, stream: str, port: int) -> Sequence[str]:
        options = {
            "topic_judge.model": self._model,
            "topic_judge.threshold": _threshold(self._model, self._community),
            "topic_judge.unsure": UNSURE,
            "topic_searches.reddit": "true",
            "topic_searches.jetstream": stream,
            "topic_searches.collection": self._data / "demo",
            "topic_searches.again_s": 3,
            "topic_searches.recheck_s": 5,
            "topic_searches.budget_requests": BUDGET_REQUESTS,
            "topic_searches.budget_window_s": BUDGET_WINDOW_S,
            "api.port": port,
            "api.model": self._model,
        }
        given = [f"--option={name}={value}" for name, value in options.items()]
        return [sys.executable, "-m", "catenae", "up", TOPOLOGY, "--data", str(self._data), *given]


def _threshold(folder: Path, community: Community) -> float:
    """Return a probability that one post in ten reaches: the model is of users, and says little of one post.

    So every class is there to be looked at, and nothing is found out about anybody.
    """
    classifier = load_classifier(folder)
    some = [Post(f"{item.title}\n{item.text}") for item in community.items[:_AT_ONCE]]
    ranked = sorted(each.probability for each in classifier.classify(some))
    return ranked[len(ranked) * 9 // 10]


def _hold(documents: Documents, community: Community) -> None:
    """Store the comments that a crawler would have found by now: Reddit's search does not show any."""
    rows = [
        {
            "id": item.name,
            "author": item.author.name,
            "kind": item.kind,
            "subreddit": item.subreddit,
            "created_utc": item.created_utc,
            "title": item.title,
            "body": item.text,
            "link_id": item.thread.name if item.thread else "",
            "parent_id": item.parent,
            "permalink": "",
            "generated": True,
        }
        for item in community.items
        if item.kind == "comment" and item.created_utc <= community.plan.opens_utc
    ]
    for start in range(0, len(rows), _AT_ONCE):
        documents.insert_new("posts", rows[start : start + _AT_ONCE])


def _counted(documents: Documents, topic: str) -> list[int]:
    """Return how many posts of each class are counted."""
    kept = documents.get(COUNTS, f"{topic} all")
    counts: list[int] = kept["rows"][0][1:] if kept and kept["rows"] else [0] * len(LABELS)
    return counts
