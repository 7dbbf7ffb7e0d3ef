"""Commands on a terminal, shown what strangers wrote: it obeys nothing, and a pipe gets the same letters."""

import os
import pty
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from catenae.broker import TopicSpec
from catenae.brokers import open_broker
from catenae.message import Record
from tests.acceptance.command import ROOT

pytestmark = pytest.mark.acceptance

# A title, a cleared screen in both forms, a colour, letters turned round, and some that take no room.
HOSTILE = "\x1b]0;mine\x07\x1b[2J\x9b2J\x1b[31m\u202e\u200b\u2028"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with closing(open_broker(f"embedded:{tmp_path}/log")) as broker:
        broker.create_topics([TopicSpec("texts", 1), TopicSpec("texts.dead", 1)])
        value = f'"a {HOSTILE} b"'.encode()
        broker.append([Record("texts", HOSTILE.encode(), value, {HOSTILE: HOSTILE.encode()})])
        of = {"dead-topic": "texts", "dead-group": f"g{HOSTILE}\nforged", "dead-reason": f"r{HOSTILE}"}
        headers = {name: text.encode() for name, text in of.items()}
        broker.append([Record("texts.dead", b"k", value, headers)])
    return tmp_path


def on_a_terminal(*command: str) -> str:
    """Return what a program writes to its terminal, on both streams.

    It is read as it comes: who writes to a terminal that is full waits until somebody has read it.
    """
    ours, terminals = pty.openpty()
    written = bytearray()
    with (
        os.fdopen(ours, "rb", buffering=0) as reader,
        subprocess.Popen(command, cwd=ROOT, stdout=terminals, stderr=terminals),
    ):
        os.close(terminals)
        with suppress(OSError):  # the end of a terminal
            while read := reader.read(65536):
                written += read
    return written.decode()


CATENAE = {
    "tail": ("tail", "texts"),
    "list": ("dead-letters", "list"),
    "show": ("dead-letters", "show", "texts", "--value"),
    "an error": ("lag", f"{HOSTILE}.py"),
    "a usage": ("tail", HOSTILE, "--odd"),
}


@pytest.mark.parametrize("arguments", CATENAE.values(), ids=CATENAE)
def test_a_terminal_obeys_nothing_that_a_stranger_wrote(arguments: tuple[str, ...], data: Path) -> None:
    shown = on_a_terminal(sys.executable, "-m", "catenae", *arguments, "--data", str(data))

    assert "\x1b]" not in shown
    assert "\x1b[2J" not in shown
    assert not set(shown) & set("\x07\x9b\u202e\u200b\u2028")
    assert "\\u202e" in shown or "odd" in shown
    assert not any(line.startswith("forged") for line in shown.splitlines())


def test_a_table_of_the_screening_obeys_no_name_of_a_file(tmp_path: Path) -> None:
    collection = tmp_path / f"posts{HOSTILE}[link=x]y[bold].jsonl"
    collection.write_text('{"id": "t1_a", "author": "ann", "body": "well", "created_utc": 1}\n')

    shown = on_a_terminal(sys.executable, "-m", "services.cli", "survey", str(collection))

    assert "\x1b]" not in shown
    assert "\\u202e" in shown.replace("\r\n", "")
    assert not set(shown) & set("\x07\x9b\u202e\u200b\u2028")


def test_a_table_that_changes_in_place_is_drawn_as_ever(tmp_path: Path) -> None:
    up = ("up", "topologies/token_filter.py", "--until-drained", "--http-port", "0", "--data", str(tmp_path))

    shown = on_a_terminal(sys.executable, "-m", "catenae", *up)

    assert "\x1b[1A\x1b[2K" in shown
    assert "\\u001b" not in shown
    assert "drained" in shown
