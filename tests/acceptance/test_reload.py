"""`catenae up --reload`: a service is changed while messages come, and each counts once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catenae.cli.new import scaffold
from tests.patience import PATIENCE_S, until

pytestmark = pytest.mark.acceptance

EVENTS = 2000
MARKED = ('{"key": key, "count": count}', '{"key": key, "now": count}')


class Shop:
    """A new project that runs."""

    def __init__(self, folder: Path) -> None:
        scaffold("shop", folder)
        self.folder = folder / "shop"
        self.service = self.folder / "services" / "tally.py"
        self._said = self.folder / "said"
        with self._said.open("wb") as said:
            command = [sys.executable, "-m", "catenae", "up", "topologies/shop.py", "--reload", "--fresh"]
            self.up = subprocess.Popen(
                [*command, "--http-port", "0"], cwd=self.folder, stdout=said, stderr=said
            )

    def said(self) -> str:
        return self._said.read_text()

    def catenae(self, *arguments: str, given: str = "") -> str:
        command = [sys.executable, "-m", "catenae", *arguments]
        run = subprocess.run(
            command, cwd=self.folder, input=given, capture_output=True, text=True, check=True
        )
        return run.stdout

    def write(self, number: int) -> None:
        self.catenae("produce", "events", "--key", "user", given='{"user": "ann"}\n' * number)

    def counted(self) -> list[dict[str, Any]]:
        lines = self.catenae("tail", "counts", "--from-start").splitlines()
        return [json.loads(each)["value"] for each in lines]

    def change(self, old: str, new: str) -> None:
        written = self.service.read_text().replace(old, new)
        # In one step, as editors do.
        other = self.service.with_suffix(".new")
        other.write_text(written)
        other.replace(self.service)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path)
    try:
        until(lambda: "tally 1/1" in shop.said())
        yield shop
    finally:
        shop.up.terminate()
        assert shop.up.wait(PATIENCE_S) == 0, shop.said()


def test_what_comes_while_a_service_changes_is_counted_once(shop: Shop) -> None:
    shop.write(EVENTS)
    shop.change(*MARKED)
    shop.write(EVENTS)
    until(lambda: "all begins anew" in shop.said())
    shop.write(1)
    until(lambda: len(shop.counted()) == 2 * EVENTS + 1, every_s=1.0)

    counted = shop.counted()
    assert [each.get("count", each.get("now")) for each in counted] == list(range(1, 2 * EVENTS + 2))
    assert counted[0].keys() == {"key", "count"}
    assert counted[-1].keys() == {"key", "now"}


def test_a_mistake_leaves_what_runs_as_it_was(shop: Shop) -> None:
    shop.write(1)
    until(lambda: len(shop.counted()) == 1, every_s=1.0)
    shop.change("class Tally", "clas Tally")
    until(lambda: "what runs goes on as it was" in shop.said())

    shop.write(1)

    until(lambda: [each["count"] for each in shop.counted()] == [1, 2], every_s=1.0)
