"""Metrics, log and secrets of a service: given by the runtime, and looked at in a test."""

import logging
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from catenae import Log, Message, Metrics, Middle, Node, Secret, Topology
from catenae.errors import ConfigError, TopologyError
from catenae.observability.metrics import NodeMetrics
from catenae.operating.check import check
from catenae.running.injection import build, option_mistakes, options_from_text
from catenae.testing import MemoryMetrics, TestDriver, message


class Shout(Middle):
    """Counts letters, and says that it does."""

    def __init__(self, metrics: Metrics, log: Log, token: Secret | None = None) -> None:
        self._letters = metrics.counter("shouted_letters", "Letters shouted")
        self._longest = metrics.gauge("longest_word", "Letters of the longest word")
        self._lengths = metrics.histogram("word_letters", "Letters of words", (3, 10))
        self._log = log
        self.token = token

    def transform(self, message: Message) -> Iterator[Message]:
        self._letters.add(len(message.value))
        self._longest.set(len(message.value))
        self._lengths.observe(len(message.value))
        self._log.info("shouted", extra={"letters": len(message.value)})
        yield message.derive(message.value.upper())


class Needy(Middle):
    def __init__(self, token: Secret) -> None:
        self.token = token


@pytest.fixture
def shouting(monkeypatch: pytest.MonkeyPatch) -> Topology:
    module = ModuleType("shouting")
    vars(module).update(Shout=Shout, Needy=Needy)
    monkeypatch.setitem(sys.modules, "shouting", module)
    return Topology("loud", (Node("shout", "shouting:Shout", "words", "out"),), external=("words", "out"))


def test_what_a_service_counts_is_looked_at_by_node(shouting: Topology) -> None:
    with TestDriver(shouting) as driver:
        driver.send("words", "tea", "milk")

        assert driver.metrics("shout") == {
            "shouted_letters_total": 7,
            "longest_word": 4,
            "word_letters_count": 2,
            "word_letters_sum": 7,
        }


def test_a_service_alone_counts_in_memory() -> None:
    metrics = MemoryMetrics()
    list(Shout(metrics, Log()).transform(message("tea")))

    assert metrics.values["shouted_letters_total"] == 3


def test_it_is_served_with_the_nodes_other_figures() -> None:
    registry = CollectorRegistry()
    NodeMetrics("loud", "shout", registry).own.counter("shouts", "Shouts").add()

    assert b'shouts_total{node="shout",topology="loud"} 1.0' in generate_latest(registry)


def test_a_name_is_one_meter_and_none_that_could_not_be_served() -> None:
    metrics = MemoryMetrics()
    assert metrics.counter("shouts", "Shouts") is metrics.counter("shouts", "Shouts")

    with pytest.raises(TypeError, match="is a counter already"):
        metrics.gauge("shouts", "Shouts")
    for name in ("catenae_mine", "Ärger", "", "9", "a b"):
        with pytest.raises(ValueError, match="give it a name"):
            metrics.counter(name, "none")


def test_each_line_of_the_log_knows_the_node_and_the_message(
    shouting: Topology, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    with TestDriver(shouting) as driver:
        driver.send("words", "tea", "milk", key="ann")
    said = [vars(each) for each in caplog.records if each.message == "shouted"]

    places = [(each["node"], each["message_id"].partition("]")[2], each["letters"]) for each in said]
    assert places == [("shout", "@0", 3), ("shout", "@1", 4)]


def test_a_log_without_a_message_says_none(caplog: pytest.LogCaptureFixture) -> None:
    Log("shouting", "shout").warning("began", extra={"words": 0})

    (record,) = caplog.records
    assert (vars(record)["node"], "message_id" in vars(record), record.levelno) == (
        "shout",
        False,
        logging.WARNING,
    )


def test_a_secret_comes_from_a_file_and_is_shown_to_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hush\n", encoding="utf-8")
    options = options_from_text(Needy, {"token_file": str(tmp_path / "token")})
    service: Any = build(Needy, options, {})

    assert (service.token.reveal(), f"{service.token} {service.token!r}") == ("hush", "*** ***")
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(service.token)
    assert options_from_text(Needy, {"token": "hush"})["token"].reveal() == "hush"


def test_a_secret_in_a_declaration_is_refused_without_saying_it(shouting: Topology) -> None:
    node = Node("shout", "shouting:Shout", "words", "out", options={"token": "hush"})
    (found,) = check(Topology("loud", (node,), external=shouting.external))

    assert "in its declaration, where everybody could read it" in str(found)
    assert "hush" not in str(found)


def test_a_secret_that_is_missing_is_asked_for() -> None:
    assert list(option_mistakes(Needy, {})) == [
        "lacks option 'token', which Needy needs (a secret: give it by CATENAE_OPTION_<NODE>_<NAME>_FILE, "
        "or without _FILE)"
    ]
    with pytest.raises(TopologyError, match="lacks option 'token'"):
        build(Needy, {}, {})
    with pytest.raises(ConfigError, match="cannot be read"):
        options_from_text(Needy, {"token_file": "/nowhere"})
