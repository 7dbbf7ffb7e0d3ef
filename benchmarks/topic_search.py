"""Seconds from asking for a search of held posts until 1,000 are found, judged, counted and stored.

    python -m benchmarks.topic_search [--posts 50000] [--output FILE.json]

Every node of topologies/topic.py is a process of its own, on the embedded broker, and idle before; posts
are of 25 words of Zipf's law, one in ten holds the word, and the model is one of words. One search is
made first, to warm up; the figure is the median of five others.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.text_search import posts
from catenae import Documents, open_documents
from services.depression.model.artefact import Model, save_model

WORD, FOUND, SEARCHES = "needle", 1_000, 5
PATIENCE_S = 120.0


def hold(documents: Documents, number: int) -> None:
    """Store posts, every tenth of which holds the word."""
    chance = np.random.default_rng(0)
    for start in range(0, number, 5_000):
        rows = posts(start, min(5_000, number - start), chance)
        documents.upsert(
            "posts",
            [
                {**row, "body": f"{row['body']} {WORD}"} if at % 10 == 0 else row
                for at, row in enumerate(rows)
            ],
        )


def counted(documents: Documents, topic: str) -> int:
    kept = documents.get("topic_counts", f"{topic} all")
    return sum(kept["rows"][0][1:]) if kept and kept["rows"] else 0


def until(holds: Callable[[], bool]) -> None:
    given_up_s = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > given_up_s:
            sys.exit("the topology has not answered; is the machine busy?")
        time.sleep(0.01)


def searched(documents: Documents, topic: str) -> float:
    """Ask for a search, and return after how many seconds all of it is stored."""
    started_s = time.perf_counter()
    asked = {"query": WORD, "sources": ["held"], "most": FOUND, "will": "run", "created_ms": 0}
    documents.upsert("topics", [{"id": topic, **asked}])
    until(
        lambda: (
            counted(documents, topic) == FOUND and documents.count("topic_posts", {"topic": topic}) == FOUND
        )
    )
    return time.perf_counter() - started_s


def measure(folder: Path, number: int) -> dict[str, Any]:
    words = tuple(sorted(f"w{number}" for number in range(2_000)))
    weights = np.random.default_rng(1).normal(0, 2, len(words))
    save_model(Model(words, np.ones(len(words)), weights, bias=0.0, threshold=0.5), folder / "model")
    with closing(open_documents(f"sqlite:{folder / 'documents.sqlite'}")) as documents:
        hold(documents, number)
        options = (f"topic_judge.model={folder / 'model'}", f"api.model={folder / 'model'}", "api.port=0")
        command = [sys.executable, "-m", "catenae", "up", "topologies/topic.py", "--data", str(folder)]
        command += ["--http-port", "0", *(f"--option={each}" for each in options)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as topology:
            try:
                until(lambda: documents.count("topic_sources") > 0)
                searched(documents, "warm")
                took_s = [searched(documents, f"search{at}") for at in range(SEARCHES)]
            finally:
                topology.terminate()
    return {
        "posts_held": number,
        "posts_found": FOUND,
        "seconds": [round(each, 2) for each in took_s],
        "median_s": round(statistics.median(took_s), 2),
        "cores": os.cpu_count(),
        "load_at_the_end": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--posts", type=int, default=50_000)
    parser.add_argument("--output", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), asked.posts)
    print(json.dumps(figures, indent=2))
    if asked.output:
        asked.output.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
