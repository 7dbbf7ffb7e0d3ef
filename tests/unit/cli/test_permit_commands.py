"""Passwords are written once, and permissions go to the servers that there are."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catenae.brokers import kafka
from catenae.brokers.kafka.permission import Permission
from catenae.cli.commands import app

TOPOLOGY = "topologies.wordcount"
PASSWORDS = ("operator", "outside", "splitter", "counter")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_passwords_are_written_and_not_shown(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"

    done = run("passwords", TOPOLOGY, "--folder", str(folder))

    assert done.stdout.split() == [str(folder / name) for name in (*PASSWORDS, "kafka")]
    assert not any((folder / name).read_text().strip() in done.output for name in PASSWORDS)
    assert run("passwords", TOPOLOGY, "--folder", str(folder)).stdout.split() == [str(folder / "kafka")]


def test_kafka_is_told_what_each_principal_may_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: dict[str, list[Permission]] = {}
    monkeypatch.setattr(kafka, "permit", lambda address, wanted, _: told.update({address: list(wanted)}))

    done = run("permit", TOPOLOGY, "--broker", "kafka://here:1", "--passwords", str(tmp_path))

    assert done.exit_code == 0, done.output
    (wanted,) = told.values()
    assert list(told) == ["//here:1"]
    assert Permission("outside", "TOPIC", "lines", is_prefix=False, operation="WRITE") in wanted
    assert {each.principal for each in wanted} == {"outside", "splitter", "counter"}
    assert len(set(wanted)) == len(wanted)


def test_what_asks_for_no_password_needs_nothing(tmp_path: Path) -> None:
    done = run("permit", TOPOLOGY, "--passwords", str(tmp_path))

    assert (done.exit_code, done.output) == (0, "nothing to allow: neither Kafka nor MongoDB is used\n")
