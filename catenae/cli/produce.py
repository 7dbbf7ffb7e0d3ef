"""`catenae produce`: the lines of the standard input onto a topic."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Annotated, BinaryIO

import typer

from catenae.cli.settings import Flags, open_present_broker, settings_of, with_settings
from catenae.cli.topic_argument import TopicArgument, spans_of
from catenae.codec import Codec, encode_key
from catenae.errors import CodecError, ConfigError
from catenae.message import Record
from catenae.operating.authority import require_open

# One read of the input at most, and so what is written at once.
CHUNK_BYTES = 2**20

Line = bytes | bytearray


@with_settings("data", "broker")
def produce(
    topic: TopicArgument,
    *,
    key: Annotated[
        str | None, typer.Option("--key", metavar="FIELD", help="The field of each value that is its key.")
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Each line is a text, not JSON.")] = False,
    inner: Annotated[
        bool, typer.Option("--inner", help="Write also where a topology says that only its nodes do.")
    ] = False,
    flags: Flags,
) -> None:
    """Write the lines of the standard input to a topic, each a JSON value.

    Lines are written as they come: those of one read of the input, a mebibyte at most, all at once or not
    at all. A line that cannot be written ends the command with status 2; the error tells its number, and what
    is on the topic by then. A topic that a topology does not call external is its own, and refused.

    \b
    echo '"the cat and the dog"' | catenae produce lines
    catenae produce posts --key author < posts.jsonl
    tail -f notes.txt | catenae produce lines --raw
    """
    if raw and key is not None:
        raise ConfigError("--raw and --key exclude each other: a text has no fields")
    with closing(open_present_broker(settings_of(flags))) as broker:
        spans_of(broker, topic)
        if not inner:
            require_open(broker, topic)
        writer = _Writer(topic, key, is_text=raw)
        read = 0
        for lines in _chunks(sys.stdin.buffer):
            broker.append(writer.records(lines, read))
            read += len(lines)
    typer.echo(f"written to {topic}: {writer.written:,}", err=True)


class _Writer:
    """Makes records of lines."""

    def __init__(self, topic: str, key: str | None, *, is_text: bool) -> None:
        self._topic = topic
        self._key = key
        self._is_text = is_text
        self._codec = Codec({topic: "text" if is_text else "json"})
        self.written = 0

    def records(self, lines: Sequence[Line], before: int) -> list[Record]:
        """Return the records of lines that come after `before` others; raise `ConfigError` for a bad one."""
        found = []
        for number, line in enumerate(lines, start=before + 1):
            if not line.strip() and not self._is_text:
                continue
            try:
                found.append(self._record(line))
            except (ValueError, RecursionError, CodecError) as error:
                done = f"lines 1 to {before:,} were written, no other" if before else "nothing was written"
                raise ConfigError(f"line {number} of the input {_reason(error)}; {done}") from error
        self.written += len(found)
        return found

    def _record(self, line: Line) -> Record:
        value = line.decode() if self._is_text else json.loads(line)
        encoded, headers = self._codec.encode(self._topic, value, {})
        return Record(self._topic, self._key_of(value), encoded, headers)

    def _key_of(self, value: object) -> bytes | None:
        if self._key is None:
            return None
        found = value.get(self._key) if isinstance(value, dict) else None
        if not isinstance(found, str | int):
            raise CodecError(f"has no field {self._key!r} that holds a text or a whole number")
        return encode_key(str(found))


def _reason(error: ValueError | RecursionError | CodecError) -> str:
    """Say what is wrong with a line, without any of it."""
    match error:
        case CodecError():
            return str(error)
        case json.JSONDecodeError():
            return f"is not JSON ({error.msg} at column {error.colno})"
        case UnicodeDecodeError():
            return "is not UTF-8"
        case RecursionError():
            return "is nested too deep"
        case _:
            return f"has a whole number of more than {sys.get_int_max_str_digits():,} digits"


def _chunks(stream: BinaryIO) -> Iterator[list[Line]]:
    """Yield the lines of each read, waiting for no more than there is; the last one needs no line break."""
    # A line that is longer than a read grows where it is: put together from parts it would be there twice.
    begun = bytearray()
    while read := stream.read1(CHUNK_BYTES):  # type: ignore[attr-defined]  # every buffered reader has it
        first, *others = read.split(b"\n")
        begun += first
        if others:
            if begun.endswith(b"\r"):
                del begun[-1]
            *others, rest = others
            yield [begun, *(line.removesuffix(b"\r") for line in others)]
            begun = bytearray(rest)
    if begun:
        yield [begun]
