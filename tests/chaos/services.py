"""The microservices that chaos runs: each does by its rule, and poison and hiccups where the rules say."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from catenae import Documents, Leaf, Message, Middle, Source, State, TransientError
from tests.chaos import rules


class Poison(Exception):
    """What a handler raises for a message that it can never handle."""


class Trouble:
    """Fails where the rules say: always, or the first time in this process."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._seen: set[str] = set()

    def swells(self, path: str) -> bool:
        """Say whether what is made of this message is to be too large."""
        return rules.refusal(self._mark, True, path) == rules.TOO_LARGE

    def strike(self, path: str) -> None:
        if rules.is_poison(self._mark, path):
            raise Poison
        if rules.is_hiccup(self._mark, path) and path not in self._seen:
            self._seen.add(path)
            raise TransientError("a hiccup")


def derived(message: Message, made: rules.Made, is_too_large: bool, **more: object) -> Message:
    value = {**rules.value_of(made.path), **more}
    return message.derive(rules.swollen(value) if is_too_large else value, made.key, made.port)


class Ticks(Source):
    """Generate one message after the other, some and then a rest, until a file is there."""

    def __init__(self, mark: str, enough: Path, spell: int = 5) -> None:
        self._mark = mark
        self._enough = enough
        self._spell = spell

    def generate(self, position: Any) -> Iterator[Message | None]:
        number = 0 if position is None else position + 1
        while not self._enough.exists():
            for each in range(number, number + self._spell):
                path = f"{self._mark}-{each}"
                yield Message(rules.value_of(path), rules.key_of(path), position=each)
            number += self._spell
            yield None
            yield None  # twice in a row is a rest


class Fan(Middle):
    """Make several messages of one, each with a key of its own."""

    def __init__(self, mark: str, width: int) -> None:
        self._mark = mark
        self._width = width
        self._trouble = Trouble(mark)

    def transform(self, message: Message) -> Iterator[Message]:
        path = message.value["path"]
        for made in rules.fanned(self._mark, self._width, path):
            yield derived(message, made, self._trouble.swells(path))
        self._trouble.strike(path)  # what has been yielded is undone


class Sum(Middle):
    """Keep the count and the total of each key, in two States, and tell both; send some round again.

    ports  that lead back to the node itself, at once or later
    """

    def __init__(self, counts: State[int], totals: State[int], mark: str, ports: list[str]) -> None:
        self._counts = counts
        self._totals = totals
        self._mark = mark
        self._ports = frozenset(ports)
        self._trouble = Trouble(mark)

    def transform(self, message: Message) -> Iterator[Message]:
        path, key = message.value["path"], message.key
        self._counts[key] = count = self._counts.get(key, 0) + 1
        self._totals[key] = total = self._totals.get(key, 0) + message.value["amount"]
        for made in rules.counted(self._mark, self._ports, path, key):
            yield derived(message, made, self._trouble.swells(path), count=count, total=total)
        self._trouble.strike(path)  # what has been yielded and written to State is undone


class Tally(Sum):
    """Do what `Sum` does, under other names: a release in which somebody has renamed two parameters."""

    def __init__(self, tallies: State[int], amounts: State[int], mark: str, ports: list[str]) -> None:
        super().__init__(tallies, amounts, mark, ports)


class Ledger(Middle):
    """Keep the count and the total of each key, many messages at a time."""

    def __init__(self, sums: State[list[int]], mark: str) -> None:
        self._sums = sums
        self._mark = mark
        self._trouble = Trouble(mark)

    def transform_many(self, messages: Sequence[Message]) -> Iterator[Message]:
        sums = self._sums.get_many(list({message.key for message in messages}))
        for message in messages:
            path, key = message.value["path"], message.key
            count, total = sums.get(key, [0, 0])
            self._sums[key] = sums[key] = [count + 1, total + message.value["amount"]]
            for made in rules.counted(self._mark, frozenset(), path, key):
                told = {"count": sums[key][0], "total": sums[key][1]}
                yield derived(message, made, self._trouble.swells(path), **told)
            self._trouble.strike(path)


class Keep(Leaf):
    """Store each message under its path."""

    def __init__(self, documents: Documents, mark: str) -> None:
        self._documents = documents
        self._mark = mark
        self._trouble = Trouble(mark)

    def consume_many(self, messages: Sequence[Message]) -> None:
        for message in messages:
            self._trouble.strike(message.value["path"])
        self._documents.upsert(self._mark, [document_of(message.value) for message in messages])


def document_of(value: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a message."""
    return {"id": value["path"]} | {
        name: value[name] for name in ("amount", "count", "total") if name in value
    }
