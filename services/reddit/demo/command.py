"""`./screening reddit-server`: the local Reddit as a process of its own."""

import time
from typing import Annotated

import typer

from catenae import ConfigError
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Plan, generate
from services.reddit.demo.reddit import LocalReddit, praw_environment

PORT = 8500


def reddit_server(  # noqa: PLR0913  one parameter per option
    *,
    port: Annotated[int, typer.Option(min=0, help="Port on the loopback interface; 0: a free one.")] = PORT,
    users: Annotated[int, typer.Option(min=10, help="How many people to invent.")] = 5_000,
    items: Annotated[int, typer.Option(min=100, help="About how much they write together.")] = 100_000,
    live: Annotated[
        float, typer.Option(min=0, max=1, help="The share of it that is yet to be written.")
    ] = 0.1,
    live_per_s: Annotated[float, typer.Option(min=0.001, help="How fast, in items a second.")] = 10.0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same community.")] = 0,
    latency_ms: Annotated[int, typer.Option(min=0, help="How long every answer takes.")] = 100,
    requests: Annotated[int, typer.Option(min=1, help="Requests a client may send in a window.")] = 1000,
    window_s: Annotated[int, typer.Option(min=1, help="Seconds of a window.")] = 600,
) -> None:
    """Serve a Reddit of generated people on this machine, for PRAW to talk to, until Ctrl-C.

    It says which variables to set. What can be done to it while it runs, such as time, failures and
    deletions, is at /control (services/reddit/demo/control.py).

    Example: [bold]./screening reddit-server --users 500 --items 10000[/bold]
    """
    # Only here: the other commands do without a web server.
    from services.loopback import address_of, listen  # noqa: PLC0415
    from services.reddit.demo.serving import serve  # noqa: PLC0415

    try:
        listener = listen(port)
    except OSError as error:
        raise ConfigError(
            f"port {port} is taken. Name another one with --port, or 0 for a free one"
        ) from error
    plan = Plan(
        users, items, opens_utc=int(time.time()), live=int(items * live), live_per_s=live_per_s, seed=seed
    )
    reddit = LocalReddit(generate(plan), Calendar(plan.opens_utc), latency_s=latency_ms / 1000)
    reddit.budget.requests, reddit.budget.window_s = requests, float(window_s)
    address = address_of(listener)
    found = reddit.community
    typer.echo(
        f"{address}: {len(found.accounts):,} generated accounts, {len(found.items):,} items. For PRAW:"
    )
    for name, value in praw_environment(address).items():
        typer.echo(f"export {name}='{value}'")
    serve(reddit, listener)
