"""Items and requests a second of one crawler instance, by concurrency, on a Reddit that takes 100 ms.

    python -m benchmarks.crawler [--concurrency 1 8 32] [--output FILE.json]

Method: `benchmarks/README.md`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from catenae.brokers import open_broker
from catenae.codec import Codec, encode_key
from catenae.config import read_settings
from catenae.deployment.reading import read_spans
from catenae.message import Record
from catenae.topology.loading import load_topology
from services.reddit.demo.reddit import praw_environment

TOPOLOGY = "benchmarks/crawler_topology.py"
PORT = 8571
USERS, ITEMS, LATENCY_MS = 2000, 40_000, 100
# So many users are visited: about as long for each concurrency, beyond what a start takes.
VISITED = {1: 150, 8: 1000, 32: 2000}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--concurrency", type=int, nargs="+", default=list(VISITED))
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    with local_reddit() as address:
        runs = [measure(address, concurrency) for concurrency in arguments.concurrency]
    text = json.dumps({"latency_ms": LATENCY_MS, "runs": runs}, indent=2)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", "utf-8")


@contextmanager
def local_reddit() -> Iterator[str]:
    """Serve the local Reddit in a process of its own."""
    command = [sys.executable, "-m", "services.cli", "reddit-server", "--port", str(PORT)]
    command += ["--users", str(USERS), "--items", str(ITEMS), "--live", "0", "--requests", "10000000"]
    command += ["--latency-ms", str(LATENCY_MS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()
            time.sleep(1.0)
            yield f"http://127.0.0.1:{PORT}"
        finally:
            server.terminate()


def measure(address: str, concurrency: int) -> dict[str, Any]:
    """Let one instance visit users that are new to it, and time it from the first text to the last visit."""
    users = sorted(shown(address, "truth"))[: VISITED.get(concurrency, USERS)]
    with tempfile.TemporaryDirectory() as folder:
        settings = read_settings({}, {"data": folder})
        topology = load_topology(TOPOLOGY)
        value, headers = Codec().encode("new_users", {})
        with closing(open_broker(settings.broker)) as broker:
            broker.create_topics(topology.topic_specs())
            for user in users:
                value, headers = Codec().encode("new_users", {"user": user, "ticket": 0})
                broker.append([Record("new_users", encode_key(user), value, headers)])
        asked_before = len(shown(address, "requests"))
        crawl(Path(folder), address, concurrency, len(users))
        requests = shown(address, "requests")[asked_before:]
        with closing(open_broker(settings.broker)) as broker:
            visits = list(read_spans(broker, "visits", broker.spans("visits")))
            items = sum(Codec().decode(each)["new"] for each in visits)
    elapsed_s = max(each[0] for each in requests) - min(each[0] for each in requests)
    return {
        "concurrency": concurrency,
        "users": len(visits),
        "items": items,
        "requests": len(requests),
        "items_per_s": round(items / elapsed_s, 1),
        "requests_per_s": round(len(requests) / elapsed_s, 1),
    }


def crawl(data: Path, address: str, concurrency: int, users: int) -> None:
    """Run the topology until so many users were visited."""
    environment = {**os.environ, **praw_environment(address), "CRAWL_CONCURRENCY": str(concurrency)}
    command = [sys.executable, "-m", "catenae", "up", TOPOLOGY, "--data", str(data), "--http-port", "0"]
    with (
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as up,
        closing(open_broker(read_settings({}, {"data": str(data)}).broker)) as broker,
    ):
        try:
            while sum(span.end for span in broker.spans("visits")) < users:
                assert up.poll() is None, "the topology has ended"
                time.sleep(0.25)
        finally:
            up.terminate()


def shown(address: str, what: str) -> Any:
    """Return what the local Reddit says of itself."""
    with urllib.request.urlopen(f"{address}/control/{what}") as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
