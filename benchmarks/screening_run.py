"""Posts a second through the whole screening, everything stored; and CPU per process.

    python -m benchmarks.screening_run [--posts 300000] [--pairs 5] [--output FILE.json]

With `--pairs` it runs so often with its stages as a chain and with each of them a process, in turns.

Method: `benchmarks/README.md`. Linux only: CPU times come from /proc.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from catenae.brokers import open_broker
from services.cli.run import MODEL_NODES, TOPOLOGY
from services.depression.demo.files import write_demo
from services.depression.evaluate import split_users
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.recipe import Recipe
from services.depression.train import train

APART = "benchmarks/screening_apart.py"
# What of the figures has a median; the processes that are the stages take part of all.
MEDIANS = ("posts_per_s", "cpu_us_per_post_in_all", "cpu_us_per_post_of_stages")
OTHERS = ("replay", "api", "supervisor", "storer", "forget")
Figures = dict[str, Any]
STORERS = ("post_storer", "probability_storer", "user_storer", "alert_storer")
LOOK_EVERY_S = 0.25
# The part of the posts that is timed: neither the start of the processes nor their end.
WINDOW = (0.15, 0.9)


class Look(NamedTuple):
    """How many posts every storer but that of alerts had stored at a moment."""

    at_s: float
    stored: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=300_000, help="of the collection; half are replayed")
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--pairs", type=int, help="runs with the chain, and as many without")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        posts = prepare(folder, arguments.posts, arguments.users)
        figures = pairs(folder, posts, arguments.pairs) if arguments.pairs else measure(folder, posts)
    text = json.dumps(figures, indent=2)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", "utf-8")


def prepare(folder: Path, posts: int, users: int) -> int:
    """Make a collection and a model; return how many posts there are to replay."""
    write_demo(folder / "demo", users, posts, seed=1)
    collection = open_collection(folder / "demo")
    first, second = split_users(collection.truth, 0)
    save_model(train(collection.only(first), Recipe())[0], folder / "model")
    (folder / "users.txt").write_text("".join(f"{user}\n" for user in second), "utf-8")
    return sum(len(some) for some in collection.only(second).posts.values())


def pairs(folder: Path, posts: int, count: int) -> dict[str, object]:
    """Run with and without the chain in turns; return all figures, and the medians."""
    runs: dict[str, list[Figures]] = {"chained": [], "apart": []}
    for _ in range(count):
        for way, topology in (("chained", TOPOLOGY), ("apart", APART)):
            shutil.rmtree(folder / "data", ignore_errors=True)
            runs[way].append(measure(folder, posts, topology))
    medians = {
        way: {name: statistics.median(each[name] for each in some) for name in MEDIANS}
        for way, some in runs.items()
    }
    return {"medians": medians, **runs}


def measure(folder: Path, total: int, topology: str = TOPOLOGY) -> Figures:
    """Replay, and return what it took."""
    looks, cpu_s = replay(folder, topology)
    start, end = (next(look for look in looks if look.stored >= share * total) for share in WINDOW)
    return {
        "posts": total,
        "stored": looks[-1].stored,
        "posts_per_s": round((end.stored - start.stored) / (end.at_s - start.at_s)),
        "cpu_us_per_post": {node: round(took / total * 1e6, 1) for node, took in sorted(cpu_s.items())},
        "cpu_us_per_post_in_all": round(sum(cpu_s.values()) / total * 1e6, 1),
        "cpu_us_per_post_of_stages": round(
            sum(took for name, took in cpu_s.items() if not any(each in name for each in OTHERS))
            / total
            * 1e6,
            1,
        ),
    }


def replay(folder: Path, topology: str) -> tuple[list[Look], dict[str, float]]:
    """Run the topology until it is drained, looking at its positions and CPU times meanwhile."""
    options = {f"{node}.model": folder / "model" for node in MODEL_NODES}
    options |= {"replay.path": folder / "demo", "replay.users": folder / "users.txt"}
    command = [sys.executable, "-m", "catenae", "up", topology, "--until-drained", "--http-port", "0"]
    command += ["--data", str(folder / "data")]
    for name, value in options.items():
        command += ["--option", f"{name}={value}"]
    looks: list[Look] = []
    cpu_s: dict[str, float] = {}
    with closing(open_broker(f"embedded:{folder / 'data' / 'log'}")) as broker:
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while running.poll() is None:
            time.sleep(LOOK_EVERY_S)
            done = [
                sum(position.offset for position in broker.positions(f"depression.{node}").values())
                for node in STORERS[:3]
            ]
            looks.append(Look(time.monotonic(), min(done)))
            cpu_s |= cpu_by_instance(running.pid)
        if running.returncode != 0:
            raise SystemExit(f"the topology ended with {running.returncode}")
    return looks, cpu_s


def cpu_by_instance(supervisor: int) -> dict[str, float]:
    """Return the CPU seconds so far of the supervisor and each of its instances."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            command = (stat.parent / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        ticks = int(fields[11]) + int(fields[12])
        if int(fields[1]) == supervisor and "work" in command:
            slot = command[command.index("--slot") + 1]
            found[f"{command[command.index('work') + 2]}-{slot}"] = ticks / os.sysconf("SC_CLK_TCK")
        elif stat.parent.name == str(supervisor):
            found["supervisor"] = ticks / os.sysconf("SC_CLK_TCK")
    return found


if __name__ == "__main__":
    main()
