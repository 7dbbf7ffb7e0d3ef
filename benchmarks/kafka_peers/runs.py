"""One run of one contestant in one mode: started, watched, ended and checked."""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.kafka_peers.contestants import SIZES, Contestant, Mode
from benchmarks.kafka_peers.environments import python_with
from benchmarks.kafka_peers.topics import PARTITIONS, Topics

PROGRAMS = Path(__file__).with_name("programs")
LOOK_EVERY_S = 0.1


class Figures(NamedTuple):
    """What a run came to; `repeated` counts messages that are in the output once more than they should be."""

    messages_per_s: float
    messages_per_cpu_s: float
    repeated: int


class RunFailed(Exception):
    """A contestant did not do its work."""


def source_of(size: str) -> str:
    """Return the topic that holds so many messages."""
    return f"in-{size}"


def run(topics: Topics, kafka: str, contestant: Contestant, mode: Mode, timeout_s: float) -> Figures:
    """Let a contestant do its work once. Raises RunFailed."""
    size = contestant.sizes[mode]
    name = f"{contestant.program}_{time.time_ns()}"
    output = f"out-{name}"
    topics.create(output)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        task = {
            "kafka": kafka,
            "source": source_of(size),
            "output": output,
            "group": name,
            "mode": mode,
            "variant": contestant.variant,
            "partitions": PARTITIONS,
            "messages": SIZES[size],
            "report": report,
        }
        program = [python_with(contestant.packages), PROGRAMS / f"{contestant.program}.py"]
        arguments = [text for key, value in task.items() for text in (f"--{key}", str(value))]
        log = Path(folder) / "log"
        with log.open("wb") as sink:
            process = subprocess.Popen([*program, *arguments], stdout=sink, stderr=sink, cwd=folder)
            until_s = time.monotonic() + timeout_s
            _wait_for(report.exists, process, until_s)
            if mode != "consume" and report.exists():
                _wait_for(lambda: topics.end(output) >= SIZES[size], process, until_s)
            _end(process)
        if not report.exists():
            raise RunFailed("\n".join(log.read_text("utf-8", "replace").splitlines()[-15:]))
        seen = json.loads(report.read_text())
    try:
        return _checked(topics, seen, output, SIZES[size], mode)
    finally:
        topics.delete(output)


def _wait_for(is_done: Callable[[], bool], process: "subprocess.Popen[bytes]", until_s: float) -> None:
    while not is_done() and process.poll() is None and time.monotonic() < until_s:
        time.sleep(LOOK_EVERY_S)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask the program to end, so that it writes and commits what is left."""
    process.terminate()
    try:
        process.wait(5.0)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _checked(topics: Topics, seen: dict[str, float], output: str, messages: int, mode: Mode) -> Figures:
    """Return the figures if every message was handled and, where it was to be passed on, written."""
    expected = messages * (messages - 1) // 2
    if seen["sum"] != expected:
        raise RunFailed(f"handled numbers add up to {seen['sum']}, not {expected}")
    ended_at_s, repeated = seen["last_at_s"], 0
    if mode != "consume":
        written = topics.written(output, messages)
        if written.different != messages or written.broken:
            raise RunFailed(f"written were {written} of {messages}")
        ended_at_s, repeated = max(ended_at_s, written.last_at_s), written.messages - messages
    return Figures(messages / (ended_at_s - seen["first_at_s"]), messages / seen["cpu_s"], repeated)
