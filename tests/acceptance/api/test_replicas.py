"""Two replicas of the API on one machine: one port, one session, and either may be killed."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from catenae import open_documents
from services.api.answers import Role
from services.api.cli import create
from tests.acceptance.command import Command
from tests.patience import until
from tests.servers.ports import free_ports

pytestmark = pytest.mark.acceptance

NAME, PASSWORD = "ann", "a horse, a staple, a battery"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str, int], Command]]:
    """Return what starts a replica, by its slot and port."""
    started: list[Command] = []

    def start_(slot: str, port: int) -> Command:
        folder = tmp_path / slot
        folder.mkdir(exist_ok=True)
        settings = ["--slot", slot, "--documents", f"sqlite:{tmp_path / 'documents.sqlite'}"]
        settings += ["--option", f"port={port}", "--option", f"pseudonym_key={tmp_path / 'pseudonym.key'}"]
        replica = Command(folder, "work", "topologies/depression.py", "api", *settings)
        started.append(replica)
        until(lambda: replica.probe("/ready") is True or replica.ended() is not None)
        return replica

    yield start_
    for each in started:
        each.kill()


def test_a_session_goes_on_whichever_replica_is_killed(
    start: Callable[[str, int], Command], tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    with closing(open_documents(f"sqlite:{tmp_path / 'documents.sqlite'}")) as documents:
        create(documents, NAME, Role.REVIEWER, PASSWORD)
    address = f"http://127.0.0.1:{port}"
    first, second = start("0", port), start("1", port)
    # Each request by a connection of its own, which the system hands to either.
    by_itself = {"Origin": address, "Connection": "close"}
    with httpx2.Client(base_url=f"{address}/api/v1", headers=by_itself) as browser:
        browser.post("/sign-in", json={"name": NAME, "password": PASSWORD}).raise_for_status()

        for killed, slot in ((first, "0"), (second, "1")):
            assert {browser.get("/session").status_code for _ in range(20)} == {200}
            killed.kill()
            assert {browser.get("/session").status_code for _ in range(20)} == {200}
            start(slot, port)
