"""A project of one's own in containers, from `catenae new` and a wheel to what its Leaf has written."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from catenae.cli.new import scaffold
from tests.acceptance.built_wheel import built_wheel
from tests.acceptance.command import ROOT
from tests.patience import until
from tests.servers.compose import Home, Project, running
from tests.servers.docker import DockerEngine
from tests.servers.fixtures import lent

pytestmark = pytest.mark.servers

TOPOLOGY = "topologies/shop.py"
KEEPER = '''
from pathlib import Path

from catenae import Leaf, Message


class Keeper(Leaf):
    """Keep what is counted, a line of a file each."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def consume(self, message: Message) -> None:
        with self._path.open("a") as file:
            file.write(f"{message.key} {message.value['count']}\\n")
'''
WITH_KEEPER = """
from catenae import Node, Topology

topology = Topology(
    "shop",
    external=("events",),
    exported=("counts",),
    formats={"counts": "json"},
    nodes=(
        Node("tally", "services.tally:Tally", reads="events", writes="counts"),
        Node(
            "keeper",
            "services.keeper:Keeper",
            reads="counts",
            options={"path": "data/kept/counts.txt"},
            files={"data/kept": "write"},
        ),
    ),
)
"""


@dataclass(frozen=True)
class Shop:
    """The project that was made, and its containers."""

    folder: Path
    containers: Project


def make_shop(folder: Path) -> Home:
    """Do what an author does: `catenae new`, a Leaf that writes a file, and what `make images` does."""
    wheel = built_wheel(folder)
    scaffold("shop", folder, str(wheel))
    shop = folder / "shop"
    (shop / "services/keeper.py").write_text(KEEPER)
    (shop / TOPOLOGY).write_text(WITH_KEEPER)
    (shop / "data/kept").mkdir(parents=True)
    (shop / "wheels").mkdir()
    shutil.copy(wheel, shop / "wheels")
    compose = [sys.executable, "-m", "catenae", "compose", TOPOLOGY]
    subprocess.run(compose, cwd=shop, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    return Home(shop, [TOPOLOGY], {"CATENAE_USER": f"{os.getuid()}:{os.getgid()}"})


@pytest.fixture(scope="module")
def shop(docker: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    home = make_shop(tmp_path_factory.mktemp("stranger"))
    for containers in lent(lambda: running(f"catenae-shop-{os.getpid()}", "shop", home=home)):
        containers("up", "--detach", "--wait")
        yield Shop(home.folder, containers)


def test_what_is_written_to_an_external_topic_is_counted_and_kept_in_a_file(shop: Shop) -> None:
    events = "".join(json.dumps({"user": name}) + "\n" for name in ("ann", "bob", "ann"))
    kept = shop.folder / "data/kept/counts.txt"

    shop.containers.catenae("produce", "events", "--key", "user", given=events)
    until(lambda: kept.exists() and len(kept.read_text().splitlines()) == 3, every_s=0.5)

    assert sorted(kept.read_text().splitlines()) == ["ann 1", "ann 2", "bob 1"]


def test_its_images_are_its_own_and_of_the_catenae_that_made_it(shop: Shop) -> None:
    [tally] = shop.containers.inspect("tally")
    wheels = [each.name for each in (shop.folder / "wheels").iterdir()]
    installed = shop.containers("exec", "--no-TTY", "tally", "catenae", "--version").split()

    assert tally["Config"]["Image"] == "shop/core:latest"
    assert wheels == [f"catenae-{installed[1]}-py3-none-any.whl"]


def test_a_server_that_nobody_uses_does_not_run(shop: Shop) -> None:
    assert set(shop.containers("ps", "--services").split()) == {"kafka", "aerospike", "tally", "keeper"}


def test_a_node_may_write_where_it_says_and_nowhere_else(shop: Shop) -> None:
    [keeper] = shop.containers.inspect("keeper")

    assert keeper["HostConfig"]["ReadonlyRootfs"]
    assert [
        mount["Destination"] for mount in keeper["Mounts"] if mount["RW"] and mount["Type"] == "bind"
    ] == ["/app/data/kept"]
