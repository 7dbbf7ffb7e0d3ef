"""Posts a second through the whole screening: every node a process, everything stored; and CPU per node.

    python -m benchmarks.screening_run [--posts 300000] [--output FILE.json]

Method: `benchmarks/README.md`. Linux only: CPU times come from /proc.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from catenae.brokers import open_broker
from services.cli.run import MODEL_NODES, TOPOLOGY
from services.depression.demo.files import write_demo
from services.depression.evaluate import split_users
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.recipe import Recipe
from services.depression.train import train

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
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), arguments.posts, arguments.users)
    text = json.dumps(figures, indent=2)
    print(text)
    if arguments.output:
        arguments.output.write_text(text + "\n", "utf-8")


def measure(folder: Path, posts: int, users: int) -> dict[str, object]:
    """Prepare a collection and a model, and replay."""
    write_demo(folder / "demo", users, posts, seed=1)
    collection = open_collection(folder / "demo")
    first, second = split_users(collection.truth, 0)
    save_model(train(collection.only(first), Recipe())[0], folder / "model")
    (folder / "users.txt").write_text("".join(f"{user}\n" for user in second), "utf-8")
    total = sum(len(some) for some in collection.only(second).posts.values())
    looks, cpu_s = replay(folder)
    start, end = (next(look for look in looks if look.stored >= share * total) for share in WINDOW)
    return {
        "posts": total,
        "stored": looks[-1].stored,
        "posts_per_s": round((end.stored - start.stored) / (end.at_s - start.at_s)),
        "cpu_us_per_post": {node: round(took / total * 1e6, 1) for node, took in sorted(cpu_s.items())},
        "cpu_us_per_post_in_all": round(sum(cpu_s.values()) / total * 1e6, 1),
    }


def replay(folder: Path) -> tuple[list[Look], dict[str, float]]:
    """Run the topology until it is drained, looking at its positions and CPU times meanwhile."""
    options = {f"{node}.model": folder / "model" for node in MODEL_NODES}
    options |= {"replay.path": folder / "demo", "replay.users": folder / "users.txt"}
    command = [sys.executable, "-m", "catenae", "up", TOPOLOGY, "--until-drained", "--http-port", "0"]
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
