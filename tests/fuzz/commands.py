"""What there is to be called: every command of both programs, with what it would take."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from catenae.cli.commands import app as catenae
from services.cli.application import app as screening
from tests.fuzz import odd

ROOT = Path(__file__).parents[2]
WORDS = str(ROOT / "topologies" / "wordcount.py")

# What a parameter takes, by its name; all others take a word.
_USUAL: Mapping[str, Sequence[str]] = {
    "topology": (WORDS, "topologies.wordcount", "topology.py", f"{WORDS}:topology"),
    "topologies": ("topologies/wordcount.py", "topology.py"),
    "node": ("counter", "splitter"),
    "replicas": ("counter=2",),
    "topic": ("odd", "lines", "words"),
    "option": ("a=b", "counter.a=b"),
    "data": ("d",),
    "broker": ("embedded:d/log",),
    "store": ("embedded:d/store", "embedded:shelf"),
    "documents": ("sqlite:d/documents.sqlite",),
    "path": ("demo", "file"),
    "collection": ("demo",),
    "model": ("model", "d/model"),
    "folder": ("new", "model", "empty"),
    "place": ("embedded:shelf#depression",),
    "role": ("reviewer", "curator"),
    "issuer": ("https://login.example",),
    "output": ("compose.yml",),
    "number": ("3",),
}
_NUMBERS = (
    "users",
    "posts",
    "items",
    "seed",
    "port",
    "http_port",
    "min_df",
    "lease_s",
    "seconds",
    "live",
    "speed",
)
# They go on until they are told to stop, or take long: tried less often.
SLOW = frozenset({"up", "work", "run", "run-reddit", "reddit-server", "jetstream-server", "train"})


@dataclass(frozen=True)
class Command:
    """A command: of which program, its path of names, its parameters as typer has them."""

    program: str
    names: tuple[str, ...]
    parameters: tuple[Any, ...]

    def arguments(self, chance: random.Random) -> list[str]:
        """Return what somebody types, most of it sensible."""
        typed = list(self.names)
        rest: list[str] = []
        for each in self.parameters:
            if each.param_type_name == "argument":
                rest += [self._value(each, chance)] if chance.random() < 0.97 else []
            elif each.required or each.name == "data" or chance.random() < 0.15:
                typed += [each.opts[0]] if each.is_flag else [each.opts[0], self._value(each, chance)]
        typed += rest
        if chance.random() < 0.05:
            typed.insert(chance.randrange(len(typed) + 1), odd.text(chance))
        return typed

    def _value(self, parameter: Any, chance: random.Random) -> str:
        if chance.random() < 0.2:
            return odd.text(chance)
        if parameter.name in ("broker", "store", "documents") and chance.random() < 0.4:
            return chance.choice(odd.URLS)
        if parameter.name == "http_host":
            return chance.choice(odd.HOSTS)
        usual = ("0", "7", "50") if parameter.name in _NUMBERS else _USUAL.get(parameter.name, ("ann",))
        return chance.choice(usual)


def commands() -> list[Command]:
    """Return every command there is."""
    programs = (("catenae", catenae), ("screening", screening))
    return [
        Command(program, names, tuple(command.params))
        for program, app in programs
        for names, command in _walk(typer.main.get_command(app), ())
    ]


def _walk(command: Any, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(command, "commands"):
        yield names, command
        return
    for name, each in command.commands.items():
        yield from _walk(each, (*names, name))
