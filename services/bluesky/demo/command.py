"""`./screening jetstream-server`: the local Jetstream as a process of its own."""

import time
from contextlib import suppress
from typing import Annotated

import typer

from catenae import ConfigError
from services.reddit.demo.calendar import Calendar
from services.reddit.demo.community import Plan, generate

PORT = 8501


def jetstream_server(
    *,
    port: Annotated[int, typer.Option(min=0, help="Port on the loopback interface; 0: a free one.")] = PORT,
    users: Annotated[int, typer.Option(min=10, help="How many people to invent.")] = 1_000,
    posts: Annotated[int, typer.Option(min=100, help="About how much they write together.")] = 20_000,
    live: Annotated[
        float, typer.Option(min=0, max=1, help="The share of it that is yet to be written.")
    ] = 0.5,
    live_per_s: Annotated[float, typer.Option(min=0.001, help="How fast, in posts a second.")] = 20.0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same community.")] = 0,
) -> None:
    """Serve a Jetstream of generated people on this machine until Ctrl-C.

    Example: [bold]./screening jetstream-server --live-per-s 100[/bold]
    """
    # Only here: the other commands do without websockets.
    from services.bluesky.demo.serving import LocalJetstream  # noqa: PLC0415
    from services.bluesky.demo.timeline import Timeline  # noqa: PLC0415

    opens_utc = int(time.time())
    plan = Plan(
        users,
        posts,
        prolific=0,
        opens_utc=opens_utc,
        live=int(posts * live),
        live_per_s=live_per_s,
        seed=seed,
    )
    timeline = Timeline(generate(plan), Calendar(opens_utc).now_utc)
    try:
        server = LocalJetstream(timeline, port)
    except OSError as error:
        raise ConfigError(
            f"port {port} is taken. Name another one with --port, or 0 for a free one"
        ) from error
    typer.echo(f"{server.address}: {plan.live:,} posts to come. For the topology:")
    typer.echo(f"--option jetstream.server={server.address}")
    with suppress(KeyboardInterrupt):
        server.run()
    server.stop()
