"""The shared task's rounds as a stream of texts, one round after the other."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar, NamedTuple

from catenae import Clock, ConfigError, Documents, Feed, Message, Source, read_secret
from services.erisk.answers import ROUNDS, SHEET
from services.erisk.client import TOKEN_VARIABLE, Client, NotAnswered
from services.erisk.protocol import Form, group_of, rows_of, user_of
from services.reddit.records import GROUP, OddRow, TextRecord, text_record

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 60.0
# A Source may be silent for so long, and the end of a round is looked for so often meanwhile.
_STEP_S, _LOOK_EVERY_S = 0.5, 0.01


class Place(NamedTuple):
    """Behind a message of a round: the one at `at`, of `total`."""

    number: int
    at: int
    total: int

    @property
    def is_end(self) -> bool:
        """Whether the round has no more messages."""
        return self.at + 1 == self.total


class Rounds(Source):
    """Ask the shared task's server for round after round. The token is in the environment, as ERISK_TOKEN.

    Writes to port "texts" what users wrote, keyed by user, the texts of a round as one group; and before
    them, to port "rounds", one value that says of a round whose texts it has, and how many.

    server  address up to the name of the task
    form    "getwritings", or "getdiscussions" for whole threads, as since 2025

    The next round is asked for once `Answers` has handed in this one, as the documents say. The position is a
    place within a round: the server gives the round again, and what was passed on is left out. A text that is
    none is left out too; it is answered by what was said before. Exhausted when the server has no more.
    """

    ports: ClassVar[Sequence[str]] = ("texts", "rounds")

    def __init__(
        self,
        documents: Documents,
        clock: Clock,
        server: str,
        form: str = Form.WRITINGS.value,
    ) -> None:
        if form not in list(Form):
            raise ConfigError(f"option 'form' of Rounds is none of {', '.join(Form)}")
        self._form = Form(form)
        self._documents = documents
        self._clock = clock
        self._client = Client(server, read_secret(os.environ, TOKEN_VARIABLE), self._form)
        self._feed: Feed[Sequence[Mapping[str, Any]]] | None = None

    def generate(self, position: Any) -> Iterator[Message | None]:
        place = None if position is None else Place(*position)
        while True:
            if place is not None and place.is_end:
                yield from self._until_answered(place.number)
            entries: Sequence[Mapping[str, Any]] = []
            for found in self._asked():
                if found is None:
                    yield None
                else:
                    entries = found
            if not entries:
                return
            rest = self._rest(entries, place)
            if not rest:
                yield None
            for message in rest:
                place = Place(*message.position)
                yield message

    def obstacle(self) -> str:
        return "" if self._feed is None else self._feed.obstacle

    def _until_answered(self, number: int) -> Iterator[None]:
        """Yield None until a round was handed in, which is looked for more often than the runtime would."""
        while self._documents.get(ROUNDS, str(number)) is None:
            yield None
            until_s = self._clock.monotonic_s() + _STEP_S
            while self._clock.monotonic_s() < until_s and self._documents.get(ROUNDS, str(number)) is None:
                self._clock.sleep(_LOOK_EVERY_S)

    def _asked(self) -> Iterator[Sequence[Mapping[str, Any]] | None]:
        """Yield what the server gives, once, and None until then."""
        with Feed(self._ask, most_waiting=1) as self._feed:
            for found in self._feed.messages(Message):
                yield None if found is None else found.value
                if found is not None:
                    return

    def _rest(self, entries: Sequence[Mapping[str, Any]], place: Place | None) -> Sequence[Message]:
        """Return the messages of a round behind a place; of the next round after it, all."""
        number = _number(entries)
        if place is not None and number == place.number:
            return self._messages(number, entries)[place.at + 1 :]
        if number != (0 if place is None else place.number + 1):
            raise ConfigError(
                f"the server is at round {number}, and what was read before is not in this data folder. Go "
                f"on in the folder where it was read, or begin with another token"
            )
        return self._messages(number, entries)

    def _ask(self, feed: Feed[Sequence[Mapping[str, Any]]]) -> None:
        pause_s = _FIRST_PAUSE_S
        while not feed.is_closing:
            try:
                found = self._client.round()
            except NotAnswered:
                feed.obstacle = "no answer from the server"
            else:
                feed.obstacle = ""
                feed.put(found)
                return
            feed.pause(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _messages(self, number: int, entries: Sequence[Mapping[str, Any]]) -> list[Message]:
        """Return the messages of a round, the same each time that the server gives it."""
        by_user = sorted(entries, key=lambda entry: user_of(entry, self._form))
        texts = [record for entry in by_user for record in _records(entry, self._form)]
        users = [user_of(entry, self._form) for entry in by_user]
        given = {
            "number": number,
            "users": users,
            "texts": len(texts),
            "given_ms": round(self._clock.now_s() * 1000),
        }
        found: list[Message] = [Message(given, SHEET, port="rounds")]
        found += [Message(each, each["author"], port="texts") for each in texts]
        together = {GROUP: group_of(number)}
        return [
            each._replace(headers=together, position=list(Place(number, index, len(found))))
            for index, each in enumerate(found)
        ]


def _number(entries: Sequence[Mapping[str, Any]]) -> int:
    numbers = {entry.get("number") for entry in entries}
    number = numbers.pop()
    if numbers or not isinstance(number, int):
        raise ConfigError("the server gives texts of several rounds at once, or of none. Correct 'server'")
    return number


def _records(entry: Mapping[str, Any], form: Form) -> Iterator[TextRecord]:
    for row in rows_of(entry, form):
        with suppress(OddRow):
            yield text_record(row)
