"""What every contestant's program shares: its task, and a meter that its handler tells of each message.

It needs Python alone, because each program runs in an environment of its own.
"""

import argparse
import json
import time
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """What a program is asked to do.

    mode        "consume", "at-least-once" or "exactly-once"; the latter two pass each message on to `output`
    variant     which of the ways a program knows, where it knows several
    partitions  of `source` and of `output`
    messages    how many `source` holds; a program that has handled them waits to be told to end
    report      where the meter writes what it saw
    """

    kafka: str
    source: str
    output: str
    group: str
    mode: str
    variant: str
    partitions: int
    messages: int
    report: Path

    @property
    def passes_on(self) -> bool:
        """Whether messages are passed on, or taken only."""
        return self.mode != "consume"

    @classmethod
    def from_arguments(cls) -> "Task":
        """Read the task from the command line, where `run.py` has written it."""
        parser = argparse.ArgumentParser()
        for each in fields(cls):
            parser.add_argument(f"--{each.name}", type=each.type, required=True)
        return cls(**vars(parser.parse_args()))


class Meter:
    """Notes when the first and the last message were handled, and the CPU time in between."""

    def __init__(self, task: Task) -> None:
        self._expected = task.messages
        self._report = task.report
        self._messages = 0
        self._sum = 0
        self._first_at_s = 0.0
        self._first_cpu_s = 0.0

    def note(self, number: int) -> None:
        """Note a message by its number; after the last one write the report."""
        if not self._messages:
            self._first_at_s, self._first_cpu_s = time.time(), time.process_time()
        self._messages += 1
        self._sum += number
        if self._messages == self._expected:
            self._finish()

    def _finish(self) -> None:
        found = {
            "first_at_s": self._first_at_s,
            "last_at_s": time.time(),
            "cpu_s": time.process_time() - self._first_cpu_s,
            "messages": self._messages,
            "sum": self._sum,
        }
        unfinished = self._report.with_suffix(".part")
        unfinished.write_text(json.dumps(found))
        unfinished.rename(self._report)


TASK = Task.from_arguments()
METER = Meter(TASK)
