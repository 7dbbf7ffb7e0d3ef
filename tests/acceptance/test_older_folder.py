"""A data folder that the first release has left in the middle of its work, gone on with by this one."""

import subprocess
import sys
import tarfile
from collections import defaultdict
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.deployment.reading import read_spans

pytestmark = pytest.mark.acceptance

HERE = Path(__file__).parent / "older_folder"
KEYS, NUMBERS = 5, 200
# The last line of the process that comes to the end; or of the next, if it was killed just after that.
ENDS = ("migrated\n", "has no migration that was begun\n")
RENAMES = [
    "--rename-topology",
    "older",
    "--rename-node",
    "counter=tally",
    "--rename-topic",
    "numbers=ciphers",
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with tarfile.open(HERE / "release_0_1.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "data"


def catenae(data: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "catenae", *arguments, "--data", str(data)],
        cwd=HERE,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def said(process: "subprocess.Popen[str]") -> str:
    return process.communicate(timeout=120)[0]


def drain(data: Path, topology: str) -> None:
    process = catenae(data, "up", topology, "--until-drained", "--http-port", "0")
    assert said(process).endswith("drained\n")


def counted(data: Path) -> dict[int, list[list[int]]]:
    """Return for each key the numbers and counts that were told of it, and the last sum."""
    found: defaultdict[int, list[list[int]]] = defaultdict(lambda: [[], [], [0]])
    with closing(open_broker(f"embedded:{data}/log")) as broker:
        for record in read_spans(broker, "counted", broker.spans("counted")):
            number, count, total = Codec().decode(record)
            numbers, counts, last = found[number % KEYS]
            numbers.append(number)
            counts.append(count)
            last[0] = max(last[0], total)
    return {key: [sorted(numbers), sorted(counts), last] for key, (numbers, counts, last) in found.items()}


def expected() -> dict[int, list[list[int]]]:
    several = {key: [n for n in range(NUMBERS) if n % KEYS == key] for key in range(KEYS)}
    return {
        key: [sorted(numbers * 2), list(range(1, 2 * len(numbers) + 1)), [2 * sum(numbers)]]
        for key, numbers in several.items()
    }


def test_the_folder_is_simply_gone_on_with(data: Path) -> None:
    drain(data, "older_topology.py")

    assert counted(data) == expected()


def test_other_names_are_refused_until_they_are_asked_for(data: Path) -> None:
    # It has no manifest until it runs once more.
    drain(data, "older_topology.py")

    refused = said(catenae(data, "up", "older_topology.py:renamed", "--http-port", "0"))

    assert "catenae migrate TOPOLOGY --rename-topology older" in refused


def test_a_migration_killed_again_and_again_is_exact(data: Path) -> None:
    asked, lines, kills = RENAMES, 1, 0
    while True:
        process = catenae(data, "migrate", "older_topology.py:renamed", *asked)
        assert process.stdout is not None
        told = list(islice(process.stdout, lines))
        process.kill()
        process.communicate()
        if told[-1].endswith(ENDS):
            break
        asked, lines, kills = ["--resume"], lines + 1, kills + 1
    drain(data, "older_topology.py:renamed")

    assert kills > 2
    assert counted(data) == expected()
