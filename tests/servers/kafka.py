"""Apache Kafka on this machine: one broker or several, killed and started again at will."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.servers.cache import cached, obtain
from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess

_POM = Path(__file__).with_name("kafka_pom.xml")
_CLUSTER_ID = "Y2F0ZW5hZS1pbi10ZXN0cw"
# What a broker logs that ends a transaction without telling the partitions whose leader it does not know.
_UNTOLD = "while trying to send transaction markers"


class KafkaServer:
    """Apache Kafka on loopback: brokers that are controllers too, their data in a folder of its own.

    A topic is not created by being named. With three brokers topics have three replicas, and one broker can
    be lost: `server.brokers[0].kill()`. As a context manager it serves inside, and nothing of it remains.
    """

    def __init__(
        self,
        brokers: int = 1,
        listeners: Mapping[str, str] | None = None,
        settings: Mapping[str, object] | None = None,
    ) -> None:
        """Obtain and prepare the server. Raises ServerUnavailable without Java, Maven or the artefacts.

        listeners  name → host:port, of a single broker, beside the usual ones
        settings   of the brokers, beside the usual ones
        """
        classes = f"{libraries()}/*"
        ports = free_ports(2 * brokers)
        self.bootstrap = ",".join(f"127.0.0.1:{port}" for port in ports[:brokers])
        self._folder = Path(tempfile.mkdtemp(prefix="catenae-kafka-"))
        self.brokers = []
        for node in range(brokers):
            usual = broker_settings(node, ports[:brokers], ports[brokers:])
            for name, address in (listeners or {}).items():
                for each in ("listeners", "advertised.listeners"):
                    usual[each] = f"{usual[each]},{name}://{address}"
            self.brokers.append(_broker(self._folder, classes, node, usual | dict(settings or {})))

    def start(self) -> None:
        """Start the brokers, after a stop or a kill on the same ports and data; return when they serve."""
        try:
            for broker in self.brokers:
                broker.launch()
            for broker in self.brokers:
                broker.wait()
        except BaseException:  # also an interrupt: no broker is left behind
            self.kill()
            raise

    def stop(self) -> None:
        """Stop the brokers in order: each writes all it has."""
        for broker in self.brokers:
            broker.stop()

    def kill(self) -> None:
        """End the brokers as `kill -9` does."""
        for broker in self.brokers:
            broker.kill()

    def lose(self, topic: str) -> None:
        """Remove what stopped brokers hold of a topic, as no Kafka does by itself."""
        for held in self._folder.glob(f"*/{topic}-*"):
            shutil.rmtree(held)

    def restart(self) -> None:
        """Stop and start the brokers."""
        self.stop()
        self.start()

    def untold_transactions(self) -> int:
        """Return how many transactions have ended of which a partition was not told: such as these hang."""
        return sum(broker.log.read_text("utf-8", "replace").count(_UNTOLD) for broker in self.brokers)

    def holds(self, word: bytes) -> bool:
        """Say whether a word is on the brokers' disks: compression leaves the first of a batch as it is."""
        found = subprocess.run(["grep", "-rqF", "-e", word, "--", self._folder], check=False)
        return found.returncode == 0

    def copy_data(self, to: Path) -> None:
        """Copy what the brokers have on their disks, for whoever looks for the reason of something."""
        subprocess.run(["cp", "--recursive", "--sparse=always", self._folder, to], check=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder)


def broker_settings(node: int, ports: Sequence[int], controllers: Sequence[int]) -> dict[str, object]:
    """Return the settings of broker `node` of a cluster, chosen to start fast and stay small.

    ports        each broker's port for clients
    controllers  each broker's port as a controller
    """
    replicas = len(ports)
    return {
        "process.roles": "broker,controller",
        "node.id": node,
        "listeners": f"PLAINTEXT://127.0.0.1:{ports[node]},CONTROLLER://127.0.0.1:{controllers[node]}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{ports[node]}",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": ",".join(f"{n}@127.0.0.1:{port}" for n, port in enumerate(controllers)),
        "auto.create.topics.enable": "false",
        "default.replication.factor": replicas,
        "min.insync.replicas": max(1, replicas - 1),
        "offsets.topic.replication.factor": replicas,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": max(1, replicas - 1),
        "transaction.state.log.num.partitions": 4,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 1000,  # so that a test need not wait long for a dead member
        "group.consumer.min.session.timeout.ms": 1000,
        "broker.session.timeout.ms": 3000,  # nor for a dead broker
        "broker.heartbeat.interval.ms": 500,
        "log.segment.bytes": 16 << 20,
        "log.index.size.max.bytes": 1 << 20,
        "log.cleaner.dedupe.buffer.size": 16 << 20,
    }


def libraries() -> Path:
    """Return the folder of the server's jars, fetched by Maven the first time."""

    def fetch(folder: Path) -> None:
        obtain(["java", "-version"])
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
        obtain(["mvn", "--batch-mode", "--quiet", "--file", _POM, *goal])

    return cached(f"kafka-{hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]}", fetch)


def _broker(folder: Path, classes: str, node: int, settings: dict[str, object]) -> ServerProcess:
    """Lay out the data folder of broker `node` and return its process, not started."""
    file = folder / f"{node}.properties"
    settings["log.dirs"] = folder / str(node)
    file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    format_storage = ["kafka.tools.StorageTool", "format", "-t", _CLUSTER_ID, "-c", str(file)]
    obtain(["java", *quick, "-cp", classes, *format_storage])
    memory = ["-Xms128m", "-Xmx512m"]
    return ServerProcess(
        ["java", *memory, "-cp", classes, "kafka.Kafka", str(file)],
        log=folder / f"{node}.log",
        ready="Kafka Server started",
    )
