"""Commands of the screening that are about Reddit; services/cli/application.py adds them to the others."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from catenae import DataFolder
from catenae.screen import Screen
from services.api.opening import WebTool
from services.depression.demo.files import write_demo
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.progress import bar
from services.depression.recipe import Recipe
from services.reddit.demo.community import Plan
from services.reddit.survey import survey


def survey_rows(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Dump, JSONL file, or folder of them.")],
) -> None:
    """Count what is in dumps and collections before they are replayed, and what is unusable, by reason.

    Example: [bold]./screening survey data/demo[/bold]
    """
    with bar(path.name) as progress:
        found = survey(path, lambda share: progress(round(share * 1000), 1000))
    Screen().print(found.table(path.name))


def run_reddit(
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of everything the run keeps.")] = Path(
        "data/reddit"
    ),
    users: Annotated[int, typer.Option(min=20, help="How many people the Reddit has.")] = 300,
    items: Annotated[int, typer.Option(min=400, help="About how much they write together.")] = 6_000,
    seconds: Annotated[
        float, typer.Option(min=0, help="Be done after so many; 0: when all is stored.")
    ] = 0.0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over with another community.")] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the web tool; a free one if that is taken.")
    ] = 8080,
) -> None:
    """Crawl and screen a Reddit on this machine: people who never were, and no account.

    A tenth of what they write comes while it runs, and some of it is deleted again. It ends when all within
    reach is stored; on a terminal the web tool stays open then until Ctrl-C. A run that was interrupted goes
    on where it stopped.

    Example: [bold]./screening run-reddit --users 100 --items 2000[/bold]
    """
    # Only here: the other commands do without a web server.
    from services.reddit.demo.crawl import Crawl  # noqa: PLC0415

    DataFolder(data).require_free()
    model = data / "model"
    if not model.exists():
        train_on_generated(data / "demo", model)
    plan = Plan(users, items, prolific=0, opens_utc=int(time.time()), live=items // 10, seed=1)
    if fresh:
        with DataFolder(data).lock():
            DataFolder(data).clear()
    tool = WebTool(data, port, stays=sys.stdout.isatty())
    crawl = Crawl(data, model, plan, fresh=fresh)
    tool.announce()
    with crawl.running(tool.port) as topology:
        try:
            crawl.watch(topology, seconds)
        finally:
            Screen().print(crawl.outcome().table())
        tool.stay(topology)


def train_on_generated(demo: Path, folder: Path) -> None:
    """Train a model on generated people; those of the local Reddit are others, who talk as they do."""
    # It takes a second and 80 MB to load scikit-learn, which only this needs.
    from services.depression.train import train  # noqa: PLC0415

    written = write_demo(demo)
    typer.echo(f"training on {written.posts:,} generated posts of {written.users} other users")
    with bar("cross-validation") as progress:
        trained, _ = train(open_collection(demo), Recipe(), progress)
    save_model(trained, folder)
