"""`catenae dead-letters`: messages that were set aside, looked at and replayed."""

import sys
from collections import Counter
from contextlib import closing
from itertools import islice
from typing import Annotated

import typer

from catenae.cli.settings import Flags, open_present_broker, settings_of, with_settings
from catenae.cli.table import columns
from catenae.cli.topic_argument import TopicArgument, spans_of
from catenae.codec import Codec, decode_key
from catenae.deployment import replay as letters
from catenae.errors import CodecError, ConfigError
from catenae.message import Record
from catenae.plain_json import json_line, takes_ascii_only

app = typer.Typer(
    help="Messages that could not be handled: look at them, replay or drop them.", no_args_is_help=True
)


@app.command("list")
@with_settings("data", "broker")
def list_(*, flags: Flags) -> None:
    """Count the dead letters that wait, by topic, reason and the node that could not handle them.

    \b
    catenae dead-letters list
    """
    with closing(open_present_broker(settings_of(flags))) as broker:
        counts = Counter(
            (topic, each.reason, each.group)
            for topic in letters.dead_letter_topics(broker)
            for each in letters.waiting_letters(broker, topic)
        )
    rows = [(*what, count) for what, count in sorted(counts.items())]
    typer.echo(columns(("TOPIC", "REASON", "NODE", "LETTERS"), rows) if rows else "no dead letters")


@app.command()
@with_settings("data", "broker")
def show(
    topic: TopicArgument,
    *,
    number: Annotated[int, typer.Option("-n", min=1, help="At most so many, the oldest first.")] = 10,
    value: Annotated[
        bool, typer.Option("--value", help="Show key and value too: they may be a person's words.")
    ] = False,
    flags: Flags,
) -> None:
    """Show the dead letters of a topic: why each was set aside, where it came from, the traceback.

    \b
    catenae dead-letters show texts -n 1
    """
    with closing(open_present_broker(settings_of(flags))) as broker:
        dead = letters.dead_letter_topic(topic)
        spans_of(broker, dead)
        for each in islice(letters.waiting_letters(broker, dead), number):
            typer.echo(_described(each.record, with_value=value))


@app.command()
@with_settings("data", "broker")
def replay(topic: TopicArgument, *, flags: Flags) -> None:
    """Put the dead letters of a topic back onto it, each exactly once, for the node that failed.

    A letter that fails again is set aside again. What a Source refused never was on a topic: it stays listed.

    \b
    catenae dead-letters replay texts
    """
    with closing(open_present_broker(settings_of(flags))) as broker:
        dead = letters.dead_letter_topic(topic)
        spans_of(broker, dead)
        replayed = letters.replay(broker, dead)
        typer.echo(f"{replayed.moved:,} dead letters replayed")
        if replayed.stayed:
            typer.echo(
                f"{replayed.stayed:,} stay: each was shortened to fit, and what it was is kept no longer, "
                f"or too large to be put back. Send anew what they stand for",
                err=True,
            )


@app.command()
@with_settings("data", "broker")
def drop(
    topic: TopicArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    flags: Flags,
) -> None:
    """Let the dead letters of a topic wait no more, also those that cannot be replayed.

    They are not listed, shown or replayed again. Their bytes stay until the topic's retention has passed.

    \b
    catenae dead-letters drop texts
    """
    with closing(open_present_broker(settings_of(flags))) as broker:
        dead = letters.dead_letter_topic(topic)
        spans_of(broker, dead)
        if not yes and not sys.stdin.isatty():
            raise ConfigError("nobody is there to be asked, so nothing was dropped; add --yes")
        if not yes:
            typer.confirm("Drop these dead letters? It cannot be undone", abort=True)
        typer.echo(f"{letters.drop(broker, dead):,} dead letters dropped")


def _described(record: Record, *, with_value: bool) -> str:
    lines = [record.id]
    for name, content in sorted(record.headers.items()):
        text = content.decode(errors="replace").rstrip()
        lines.append(f"    {name}: " + text.replace("\n", "\n        "))
    if with_value:
        lines.append(f"    key: {decode_key(record.key)!r}")
        lines.append(f"    value: {_value(record)}")
    return "\n".join(lines)


def _value(record: Record) -> str:
    try:
        return json_line(Codec({}).decode(record), ascii_only=takes_ascii_only(sys.stdout))
    except CodecError as error:
        return f"unreadable: {error}"
