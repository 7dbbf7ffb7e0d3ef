"""Programs that know nothing of Catenae feed a topology on Kafka and read what it writes."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.command import ROOT, Command
from tests.patience import PATIENCE_S, until
from tests.servers.fixtures import lent
from tests.servers.kafka import KafkaServer, libraries

pytestmark = pytest.mark.servers

PROGRAM = ROOT / "examples" / "java" / "WordCounts.java"


@pytest.fixture(scope="module")
def kafka_of_words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a Kafka on which the word count runs."""
    with contextmanager(lent)(KafkaServer) as server:
        broker = f"kafka://{server.bootstrap}"
        up = Command(tmp_path_factory.mktemp("words"), "up", "topologies/wordcount.py", "--broker", broker)
        try:
            until(lambda: up.probe("/ready") is True)
            yield server.bootstrap
            assert up.stop() == 0
        finally:
            up.kill()


def kcat(servers: str, *arguments: str, lines: str = "") -> str:
    if not shutil.which("kcat"):
        pytest.skip("kcat is not installed; on Debian and Ubuntu: apt install kcat")
    command = ["kcat", "-b", servers, "-X", "isolation.level=read_committed", *arguments]
    return subprocess.run(
        command, input=lines, check=True, capture_output=True, text=True, timeout=PATIENCE_S
    ).stdout


def counted(servers: str, word: str) -> list[int]:
    """Return the counts of a word that are on the topic by now, in order."""
    found = (json.loads(line) for line in kcat(servers, "-C", "-t", "counts", "-e", "-q").splitlines())
    return [each["count"] for each in found if each["word"] == word]


def test_kcat_feeds_a_topology_and_reads_what_it_writes(kafka_of_words: str) -> None:
    kcat(kafka_of_words, "-P", "-t", "lines", lines="the sun the moon\nand the stars\n")

    until(lambda: counted(kafka_of_words, "the") == [1, 2, 3])
    assert counted(kafka_of_words, "stars") == [1]


def test_keyed_records_of_kcat_meet_those_of_the_topology(kafka_of_words: str) -> None:
    keyed = ["-P", "-t", "words", "-K", ":", "-X", "topic.partitioner=murmur2_random"]
    animals = ["ant", "bee", "cat", "dog", "eel", "fox"]
    kcat(kafka_of_words, "-P", "-t", "lines", lines=" ".join(animals))
    until(lambda: all(counted(kafka_of_words, each) == [1] for each in animals))

    kcat(kafka_of_words, *keyed, lines="".join(f"{each}:{each}\n" for each in animals))
    until(lambda: all(len(counted(kafka_of_words, each)) == 2 for each in animals))
    assert [counted(kafka_of_words, each) for each in animals] == [[1, 2]] * len(animals)


def java(*arguments: str) -> list[str]:
    """Return the command, with the same client that the pom names, which comes with the server."""
    pom = (PROGRAM.parent / "pom.xml").read_text()
    [client] = libraries().glob("kafka-clients-*.jar")
    assert f"<version>{client.stem.removeprefix('kafka-clients-')}</version>" in pom
    return ["java", "-cp", f"{client.parent}/*", str(PROGRAM), *arguments]


def test_a_java_program_feeds_a_topology_and_follows_what_it_writes(
    kafka_of_words: str, tmp_path: Path
) -> None:
    command = java("feed", kafka_of_words)
    subprocess.run(command, input="42 jars\njars\n", check=True, text=True, timeout=PATIENCE_S)
    said = tmp_path / "followed"
    with said.open("w") as out, subprocess.Popen(java("follow", kafka_of_words), stdout=out) as follower:
        try:
            until(lambda: '"jars","count":2' in said.read_text())
        finally:
            follower.kill()

    assert '"42","count":1' in said.read_text()
