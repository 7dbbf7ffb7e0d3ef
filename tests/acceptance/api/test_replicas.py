"""Two replicas of the API on one machine: one port, one session, and either may be killed."""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from catenae import open_documents
from services.api.answers import Role
from services.api.cli import create
from tests.acceptance.command import Command
from tests.patience import PATIENCE_S, until
from tests.servers.ports import free_ports
from tests.services.api.people import alert

pytestmark = pytest.mark.acceptance

NAME, PASSWORD = "ann", "a horse, a staple, a battery"
REVIEWERS = ("ann", "bob")
RACES = int(os.environ.get("CATENAE_REVIEW_RACES", "30"))
CASES = 10


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
        assert replica.ended() is None, replica.log.read_text()[-2000:]
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
    first, second = start("0", port), start("1", port)
    with signed_in(NAME, port) as browser:
        for killed, slot in ((first, "0"), (second, "1")):
            assert {browser.get("/session").status_code for _ in range(20)} == {200}
            killed.kill()
            assert {browser.get("/session").status_code for _ in range(20)} == {200}
            start(slot, port)


def test_of_two_reviewers_at_two_replicas_no_review_is_lost_or_taken_for_anothers(
    start: Callable[[str, int], Command], tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    with closing(open_documents(f"sqlite:{tmp_path / 'documents.sqlite'}")) as documents:
        documents.upsert("alerts", [alert(f"user{number}") for number in range(CASES)])
        for name in REVIEWERS:
            create(documents, name, Role.REVIEWER, PASSWORD)
    for slot in ("0", "1"):
        start(slot, port)
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(2))
        browsers = [stack.enter_context(signed_in(name, port)) for name in REVIEWERS]
        told: Counter[int] = Counter()
        accepted: Counter[tuple[str, str]] = Counter()
        for race in range(RACES):
            statuses = pool.map(say, browsers, [race] * 2, REVIEWERS)
            for name, status in zip(REVIEWERS, statuses, strict=True):
                told[status] += 1
                accepted[name, f"{race} {name}"] += status == 200

        found = [
            browsers[0].get(f"/alerts/user{number}/reviews").json()["reviews"] for number in range(CASES)
        ]
    kept = Counter((each["account"], each["note"]) for reviews in found for each in reviews)
    assert kept == +accepted
    assert told.keys() == {200, 409}
    assert all([each["number"] for each in reviews] == [*range(1, len(reviews) + 1)] for reviews in found)


@contextmanager
def signed_in(name: str, port: int) -> Iterator[httpx2.Client]:
    """Open a browser that opens a connection for each request, which the system hands to either."""
    address = f"http://127.0.0.1:{port}"
    by_itself = {"Origin": address, "Connection": "close"}
    with httpx2.Client(base_url=f"{address}/api/v1", headers=by_itself, timeout=PATIENCE_S) as browser:
        browser.post("/sign-in", json={"name": name, "password": PASSWORD}).raise_for_status()
        yield browser


def say(browser: httpx2.Client, race: int, name: str) -> int:
    """Say something of the case of a race, of the version that was read or of any; return the status."""
    chance = random.Random(f"{race} {name}")
    case = f"/alerts/user{race % CASES}"
    headers = {"If-Match": browser.get(case).headers["ETag"]} if chance.random() < 0.7 else {}
    said = {"verdict": chance.choice(["risk", "no_risk", "unsure"]), "note": f"{race} {name}"}
    return browser.put(f"{case}/review", json=said, headers=headers).status_code
