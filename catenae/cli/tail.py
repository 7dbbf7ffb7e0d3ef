"""`catenae tail`: the records of a topic as JSON lines."""

import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice, takewhile
from typing import Annotated, Any

import typer

from catenae.broker import Broker, Span
from catenae.cli.settings import Flags, open_present_broker, settings_of, with_settings
from catenae.cli.stopping import stop_on_signal
from catenae.cli.topic_argument import TopicArgument, spans_of
from catenae.codec import Codec, decode_key
from catenae.deployment.reading import read_spans
from catenae.edge import never_wait
from catenae.errors import CodecError
from catenae.message import Record
from catenae.plain_json import json_line, takes_ascii_only

LAST = 10
FOLLOW_EVERY_S = 0.2


@with_settings("data", "broker")
def tail(
    topic: TopicArgument,
    *,
    number: Annotated[
        int | None, typer.Option("-n", min=0, help=r"At most so many. \[default: 10, or all from the start]")
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="The oldest records, not the last.")
    ] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written.")] = False,
    flags: Flags,
) -> None:
    """Show the last records of a topic as JSON lines, oldest first: key, value, and where and when written.

    \b
    catenae tail counts
    catenae tail counts --from-start -n 100
    catenae tail counts --follow | jq .value
    """
    with closing(open_present_broker(settings_of(flags))) as broker:
        spans = spans_of(broker, topic)
        if from_start:
            _show(islice(read_spans(broker, topic, spans), number))
        else:
            _show(_last(broker, topic, spans, LAST if number is None else number))
        if follow:
            _follow(broker, topic, [span.end for span in spans])


def _show(records: Iterable[Record]) -> None:
    codec = Codec({})
    for record in records:
        typer.echo(json_line(described(record, codec), ascii_only=takes_ascii_only(sys.stdout)))


def _last(broker: Broker, topic: str, spans: Sequence[Span], number: int) -> Iterable[Record]:
    """Return the last records of all partitions together."""
    ends = [Span(max(span.start, span.end - number), span.end) for span in spans]
    return deque(read_spans(broker, topic, ends), maxlen=number)


def _follow(broker: Broker, topic: str, shown: list[int]) -> None:
    """Show what is written from these offsets on, until a signal comes."""
    stop = stop_on_signal()
    never_wait(lambda: not stop.is_set())
    while not stop.is_set():
        ends = [span.end for span in broker.spans(topic)]
        _show(takewhile(lambda _: not stop.is_set(), _between(broker, topic, shown, ends)))
        shown = ends
        stop.wait(FOLLOW_EVERY_S)


def _between(broker: Broker, topic: str, starts: list[int], ends: list[int]) -> Iterator[Record]:
    return read_spans(broker, topic, [Span(start, end) for start, end in zip(starts, ends, strict=True)])


def described(record: Record, codec: Codec) -> Mapping[str, Any]:
    """Return what is shown of a record; what cannot be decoded says so beside a value of None."""
    try:
        value = {"value": codec.decode(record)}
    except CodecError as error:
        value = {"value": None, "unreadable": str(error)}
    return {
        "key": decode_key(record.key),
        **value,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "headers": record.headers,
    }
