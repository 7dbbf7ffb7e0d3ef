"""`catenae up` with real processes: drained, scaled, restarted, stopped, and killed."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae.brokers import open_broker
from catenae.config import Settings
from catenae.deployment.reading import read_spans
from catenae.observability.multiprocess import MetricsFolder
from catenae.running.local import SourceGivenUp, Supervisor
from tests.patience import PATIENCE_S, until
from tests.servers.ports import free_ports

pytestmark = pytest.mark.acceptance

SERVICES = """
from pathlib import Path

from catenae import ConfigError, Leaf, Message, Middle, Source

class Numbers(Source):
    def __init__(self, count: int) -> None:
        if count < 0:
            raise ConfigError(f"a count of {count}; give 0 or more")
        self._count = count

    def generate(self, position):
        if self._count == 13:
            raise ValueError
        for number in range(position or 0, self._count):
            yield Message(number, key=str(number % 50), position=number + 1)
        while self._count == 1000:  # endless
            yield None

class Pass(Middle):
    def __init__(self) -> None:
        if Path("broken").exists():
            raise ConfigError("it is broken; mend it")

    def transform(self, message):
        yield message.derive(message.value)

class Drop(Leaf):
    def consume(self, message):
        pass
"""
TOPOLOGY = """
from catenae import Node, Topology

topology = Topology("relay", partitions=4, nodes=(
    Node("source", "relay_services:Numbers", writes="numbers", options={"count": 1000}, replicas=2),
    Node("passer", "relay_services:Pass", reads="numbers", writes="passed", replicas=2),
    Node("dropper", "relay_services:Drop", reads="passed"),
))
"""


class Project:
    """A folder with a topology of three nodes, and the commands run in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.topology = path / "relay.py"
        self.topology.write_text(TOPOLOGY)
        (path / "relay_services.py").write_text(SERVICES)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "catenae", *arguments]
        return subprocess.Popen(
            command, cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def up(self, *arguments: str) -> "subprocess.Popen[str]":
        port = () if "--http-port" in arguments else ("--http-port", "0")
        return self.start("up", str(self.topology), *port, *arguments)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        process = self.start(*arguments)
        out, err = process.communicate(timeout=PATIENCE_S)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def instances(self) -> dict[str, int]:
        """Return the process id of each instance that runs."""
        listed = subprocess.run(
            ["ps", "-ewwo", "pid=,stat=,args="], capture_output=True, text=True, check=True
        )
        found = {}
        for pid, state, *arguments in (line.split() for line in listed.stdout.splitlines()):
            if str(self.topology) in arguments and "work" in arguments and not state.startswith("Z"):
                node, slot = arguments[arguments.index("work") + 2], arguments[arguments.index("--slot") + 1]
                found[f"{node}-{slot}"] = int(pid)
        return found


def ready(port: int) -> bool:
    return reason(port) == "progressing"


def reason(port: int) -> str:
    """Return what `/ready` says; "" where nothing answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=PATIENCE_S) as answer:
            return str(json.load(answer)["reason"])
    except urllib.error.HTTPError as refused:
        return str(json.load(refused)["reason"])
    except OSError:
        return ""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture(scope="module")
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, port: int
) -> Iterator[tuple[Project, "subprocess.Popen[str]"]]:
    """A topology that runs until the last test of this module has used it."""
    project = Project(tmp_path_factory.mktemp("running"))
    supervisor = project.up("--http-port", str(port))
    until(lambda: len(project.instances()) == 5)
    yield project, supervisor
    supervisor.kill()
    supervisor.communicate()


def test_until_drained_ends_when_everything_is_handled(project: Project) -> None:
    drained = project.run(
        "up", str(project.topology), "--http-port", "0", "--until-drained", "--option", "source.count=5000"
    )

    assert (drained.returncode, drained.stderr) == (0, "drained\n")
    assert project.instances() == {}
    with closing(open_broker(f"embedded:{project.path}/data/log")) as broker:
        passed = list(read_spans(broker, "passed", broker.spans("passed")))
        dropped = broker.positions("relay.dropper")
        assert len(passed) == sum(position.offset for position in dropped.values()) == 5000


def test_a_mistake_is_found_before_anything_is_made(project: Project) -> None:
    refused = project.run("up", str(project.topology), "--http-port", "0", "--option", "source.count=many")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "option 'count' of Numbers is 'many'; it takes a whole number" in refused.stderr
    assert not (project.path / "data").exists()


def test_an_instance_that_would_fail_again_ends_everything(project: Project) -> None:
    failed = project.run("up", str(project.topology), "--http-port", "0", "--option", "source.count=-1")

    assert failed.returncode == 2
    assert "a count of -1; give 0 or more" in failed.stderr
    assert failed.stderr.count("\n") == 1
    assert "data/logs/source-" in failed.stderr
    assert project.instances() == {}


def test_a_disk_without_room_is_waited_for(project: Project) -> None:
    supervisor = project.up()
    until(lambda: "passer-0" in project.instances())
    before = project.instances()["passer-0"]
    os.kill(before, signal.SIGBUS)
    until(lambda: project.instances().get("passer-0", before) != before)
    supervisor.send_signal(signal.SIGTERM)

    assert (
        "passer-0 was ended by signal 7: the disk of data is full; make room" in supervisor.communicate()[0]
    )
    assert supervisor.returncode == 0


def test_what_ends_one_node_that_had_got_on_is_waited_for_and_named(project: Project) -> None:
    (port,) = free_ports(1)
    supervisor = project.up("--http-port", str(port))
    until(lambda: reason(port) == "progressing")
    others = {name: pid for name, pid in project.instances().items() if "passer" not in name}
    (project.path / "broken").touch()
    os.kill(project.instances()["passer-0"], signal.SIGKILL)

    until(lambda: reason(port) == "waiting for passer: it is broken; mend it")
    assert others.items() <= project.instances().items()
    (project.path / "broken").unlink()
    until(lambda: reason(port) == "progressing")
    supervisor.send_signal(signal.SIGTERM)
    assert "passer-0 ended with status 2: it is broken; mend it; starts" in supervisor.communicate()[0]


def test_a_topic_that_is_deleted_ends_nothing(project: Project) -> None:
    (port,) = free_ports(1)
    supervisor = project.up("--http-port", str(port))
    until(lambda: reason(port) == "progressing")
    with closing(open_broker(f"embedded:{project.path / 'data' / 'log'}")) as broker:
        broker.delete_topics(["passed"])
        until(lambda: "passed" in broker.topics())

    until(lambda: reason(port) == "progressing")
    supervisor.send_signal(signal.SIGTERM)
    supervisor.communicate()
    assert supervisor.returncode == 0


def test_a_source_that_fails_again_and_again_is_given_up(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catenae.running.local.supervisor.MOST_FAILURES", 2)
    settings = Settings(data=project.path / "data", http_port=0)
    supervisor = Supervisor(str(project.topology), settings, options={"source": {"count": "13"}})

    with monkeypatch.context() as there:
        there.chdir(project.path)
        with pytest.raises(SourceGivenUp, match="ValueError, see the log; 2 times in a row"):
            supervisor.run(until_drained=True)
    assert project.instances() == {}


def test_no_instance_outlives_a_killed_supervisor(project: Project) -> None:
    supervisor = project.up()
    log = project.path / "data" / "logs" / "passer-0.log"
    until(lambda: len(project.instances()) == 5 and "instance started" in log.read_text())
    supervisor.kill()
    supervisor.communicate()

    until(lambda: project.instances() == {})
    assert "instance stopped" in log.read_text()


def test_one_port_tells_when_every_node_gets_on(
    running: tuple[Project, "subprocess.Popen[str]"], port: int
) -> None:
    until(lambda: ready(port))

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
        assert 'catenae_ready{node="passer",topology="relay"} 2.0' in answer.read().decode()


def test_a_folder_has_one_supervisor(running: tuple[Project, "subprocess.Popen[str]"]) -> None:
    project, supervisor = running

    second = project.run("up", str(project.topology), "--http-port", "0")

    assert second.returncode == 2
    assert f"in use by process {supervisor.pid}" in second.stderr
    assert second.stdout == ""
    assert second.stderr.count("\n") == 1


def test_a_node_is_scaled_while_it_runs(running: tuple[Project, "subprocess.Popen[str]"]) -> None:
    project, _ = running
    before = project.instances()
    assert project.run("scale", "passer=4", "dropper=0").returncode == 0

    until(lambda: {"passer-2", "passer-3"} <= set(project.instances()))
    until(lambda: "dropper-0" not in project.instances())
    assert project.run("scale", "passer=2", "dropper=1").returncode == 0
    until(lambda: set(project.instances()) == set(before))
    assert project.instances()["passer-0"] == before["passer-0"]


def test_a_killed_instance_is_replaced_and_goes_on_counting(
    running: tuple[Project, "subprocess.Popen[str]"],
) -> None:
    project, _ = running
    metrics = MetricsFolder(project.path / "data" / "metrics")
    until(lambda: metrics.totals()["passer"].messages_in == 1000)
    pids = project.instances()
    for member in ("passer-0", "passer-1"):
        os.kill(pids[member], signal.SIGKILL)

    until(lambda: project.instances().get("passer-0", pids["passer-0"]) != pids["passer-0"])
    until(lambda: metrics.totals()["passer"].ready_instances == 2)
    assert metrics.totals()["passer"].messages_in == 1000
    assert len(list((project.path / "data" / "metrics").glob("counter_passer-0*"))) == 1


def test_a_source_that_somebody_stops_is_not_exhausted(
    running: tuple[Project, "subprocess.Popen[str]"],
) -> None:
    project, _ = running
    before = project.instances()["source-0"]
    os.kill(before, signal.SIGTERM)

    until(lambda: project.instances().get("source-0", before) != before)


def test_a_signal_stops_all_in_order(running: tuple[Project, "subprocess.Popen[str]"]) -> None:
    project, supervisor = running
    supervisor.send_signal(signal.SIGTERM)
    out, err = supervisor.communicate(timeout=PATIENCE_S)

    assert (supervisor.returncode, err) == (0, "stopped\n")
    assert "passer-0 was ended by signal 9; starts again in 0." in out
    assert project.instances() == {}
    assert "instance stopped" in (project.path / "data" / "logs" / "dropper-0.log").read_text()


def test_nobody_else_can_read_what_a_run_leaves(project: Project) -> None:
    former = os.umask(0o022)
    project.up("--until-drained", "--option", "source.count=5", "--replicas", "source=1").communicate()
    os.umask(former)
    data = project.path / "data"

    open_to_others = [each for each in (data, *data.rglob("*")) if each.lstat().st_mode & 0o077]
    assert (data / "logs" / "passer-0.log").exists()
    assert open_to_others == []


def test_a_folder_that_others_can_read_is_told(project: Project) -> None:
    data = project.path / "wide"
    data.mkdir()
    data.chmod(0o755)
    told = project.up("--until-drained", "--option", "source.count=5", "--data", str(data)).communicate()[1]

    assert f"Close it: chmod 700 {data}" in told
