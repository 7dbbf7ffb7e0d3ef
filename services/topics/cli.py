"""`./screening run-topic`: the topic tool on people who never were, in one command and with no account."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from catenae import DataFolder
from catenae.screen import Screen
from services.api.opening import WebTool
from services.reddit.cli import train_on_generated
from services.reddit.demo.community import Plan


def run_topic(
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of everything the run keeps.")] = Path(
        "data/topic"
    ),
    query: Annotated[
        list[str] | None,
        typer.Option("--query", help="What to search for; two things if left out.", show_default=False),
    ] = None,
    users: Annotated[int, typer.Option(min=20, help="How many people there are.")] = 400,
    items: Annotated[int, typer.Option(min=400, help="About how much they write together.")] = 12_000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over with another community.")] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the web tool; a free one if that is taken.")
    ] = 8080,
) -> None:
    """Search by topic on this machine: a Reddit, a Bluesky and a collection of generated people.

    It says what the searches come to; on a terminal the web tool stays open then until Ctrl-C, with its view
    Topics for more of them.

    Example: [bold]./screening run-topic --query soup[/bold]
    """
    # Only here: the other commands do without a web server and websockets.
    from services.topics.demo import TopicDemo  # noqa: PLC0415

    DataFolder(data).require_free()
    model = data / "model"
    if not model.exists():
        train_on_generated(data / "demo", model)
    if fresh:
        with DataFolder(data).lock():
            DataFolder(data).clear()
    plan = Plan(users, items, prolific=0, opens_utc=int(time.time()), live=items // 20, seed=2)
    tool = WebTool(data, port, stays=sys.stdout.isatty())
    demo = TopicDemo(data, model, plan)
    tool.announce()
    with demo.running(tool.port) as topology:
        demo.search(query or ["tired", "soup"])
        demo.wait(topology)
        Screen().print(demo.table())
        tool.stay(topology)
