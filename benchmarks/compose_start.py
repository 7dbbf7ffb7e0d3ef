"""What containers cost: seconds from `docker compose up` to the first alert, image sizes, memory of nodes.

On a generated collection, with this repository's Compose files; what stands in for a server that has no image
here is said in tests/servers. Needs a Docker engine: see tests/servers/README.md.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.errors import BrokerUnavailable, UnknownTopic
from services.depression.demo.files import write_demo
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.recipe import Recipe
from services.depression.train import train
from tests.servers.compose import Project, running
from tests.servers.docker import DockerEngine

MEGABYTE = 2**20
LONGEST_START_S = 300.0
LOOK_EVERY_S = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="starts from nothing, down between them")
    parser.add_argument("--output", type=Path, help="write the JSON here instead of printing it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="catenae-benchmark-") as folder, DockerEngine():
        figures = json.dumps(measure(Path(folder), arguments.rounds), indent=2) + "\n"
    if arguments.output:
        arguments.output.write_text(figures, "utf-8")
    else:
        sys.stdout.write(figures)


def measure(folder: Path, rounds: int) -> dict[str, Any]:
    write_demo(folder / "demo", users=200, posts=20_000)
    trained, _ = train(open_collection(folder / "demo"), Recipe())
    save_model(trained, folder / "model")
    mounts = {"data/demo": folder / "demo", "data/model": folder / "model"}
    first_alert_s: list[float] = []
    with running("catenae-benchmark", "depression", mounts) as project:
        for _ in range(rounds):
            project("down", "--volumes")
            first_alert_s.append(round(seconds_to_first_alert(project), 1))
        memory_mb = memory_of_nodes(project)
        images_mb = sizes_of_images(project)
    return {"first_alert_s": first_alert_s, "memory_mb": memory_mb, "images_mb": images_mb}


def seconds_to_first_alert(project: Project) -> float:
    """Return the seconds from the command to the first record in `alerts`. Raises TimeoutError."""
    started_s = time.monotonic()
    project("up", "--detach")
    with closing(open_broker(f"kafka://{project.kafka}")) as broker:
        while not has_alert(broker):
            if time.monotonic() - started_s > LONGEST_START_S:
                raise TimeoutError(project("ps", "--all"))
            time.sleep(LOOK_EVERY_S)
    return time.monotonic() - started_s


def has_alert(broker: Broker) -> bool:
    try:
        return any(span.end > span.start for span in broker.spans("alerts"))
    except (BrokerUnavailable, UnknownTopic):
        return False


def memory_of_nodes(project: Project) -> Mapping[str, float]:
    """Return the megabytes that each container of a service uses, without the system's cache of files."""
    ids = project("ps", "--quiet").split()
    shown = docker("stats", "--no-stream", "--no-trunc", "--format", "{{.Name}} {{.MemUsage}}", *ids)
    return {name: megabytes(used) for name, used in (line.split()[:2] for line in shown.splitlines())}


def sizes_of_images(project: Project) -> Mapping[str, float]:
    images = set(project("config", "--images").split())
    return {
        image: round(int(docker("image", "inspect", "--format", "{{.Size}}", image)) / MEGABYTE, 1)
        for image in sorted(images)
        if image.startswith("catenae")
    }


def megabytes(text: str) -> float:
    """Return the number of a size as Docker writes it, such as "38.6MiB" or "1.2GiB"."""
    for unit, factor in (("GiB", 1024.0), ("MiB", 1.0), ("KiB", 1 / 1024)):
        if text.endswith(unit):
            return round(float(text.removesuffix(unit)) * factor, 1)
    raise ValueError(f"Docker gave a size of {text!r}")


def docker(*arguments: str) -> str:
    command: Sequence[str] = ("docker", *arguments)
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    main()
