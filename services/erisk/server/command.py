"""`./screening erisk-server`: the shared task's server as a process of its own."""

import math
from contextlib import ExitStack, closing
from dataclasses import astuple
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from catenae import ConfigError, private_folder
from catenae.screen import Screen
from services.depression.evaluate import split_users
from services.depression.model.collections import open_texts
from services.erisk.protocol import Form, user_of
from services.erisk.server.challenge import Challenge
from services.erisk.server.results import Results, results_of
from services.erisk.server.rounds import rounds_of

PORT = 8600
MOST_RUNS = 5
# The official ones are challenge-t1, challenge-t2 and so on.
TASK = "challenge-service"


def erisk_server(  # noqa: PLR0913  one parameter per option
    *,
    collection: Annotated[
        Path, typer.Argument(metavar="COLLECTION", help="Folder of JSONL or eRisk XML files, with the truth.")
    ],
    threads: Annotated[
        bool, typer.Option("--threads", help="Give whole threads (getdiscussions), as since 2025.")
    ] = False,
    half: Annotated[
        bool, typer.Option("--half-2", help="Only the users that `train --users half-1` left.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Splits the halves.")] = 0,
    tokens: Annotated[
        list[str] | None, typer.Option("--token", help="Of a team; several times for several. [local]")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, max=MOST_RUNS, help="How many answers a round takes.")] = 1,
    journal: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep what is answered there, and go on from it.")
    ] = None,
    round_timeout: Annotated[
        float, typer.Option(min=0, help="Seconds until a round is over, answered or not; 0: never.")
    ] = 0.0,
    latency_ms: Annotated[int, typer.Option(min=0, help="How long every answer takes.")] = 0,
    failing: Annotated[
        float,
        typer.Option(min=0, max=0.9, help="Share of requests that get no answer, some done all the same."),
    ] = 0.0,
    port: Annotated[int, typer.Option(min=0, help="Port on the loopback interface; 0: a free one.")] = PORT,
) -> None:
    """Serve a collection round by round as the eRisk shared task does, until Ctrl-C; then score the runs.

    Example: [bold]./screening erisk-server data/demo --half-2[/bold]
    """
    # Only here: the other commands do without a web server.
    from services.erisk.server.application import Trouble, application  # noqa: PLC0415
    from services.loopback import address_of, listen, serve  # noqa: PLC0415

    form = Form.DISCUSSIONS if threads else Form.WRITINGS
    opened, texts = open_texts(collection)
    users = split_users(opened.truth, seed)[1] if half else sorted(opened.truth)
    rounds = rounds_of({user: texts[user] for user in users}, form)
    truth = {user: opened.truth[user] for user in users}
    with ExitStack() as stack:
        teams = {
            token: stack.enter_context(
                closing(
                    Challenge(
                        rounds,
                        partial(user_of, form=form),
                        runs,
                        _journal(journal, token),
                        round_timeout or math.inf,
                    )
                )
            )
            for token in tokens or ["local"]
        }
        try:
            listener = listen(port)
        except OSError as error:
            raise ConfigError(
                f"port {port} is taken. Name another one with --port, or 0 for a free one"
            ) from error
        address = f"{address_of(listener)}/{TASK}"
        typer.echo(f"{address}: {len(rounds):,} rounds of {len(users):,} users. For the topology:")
        typer.echo(f"--option rounds.server={address} --option answers.server={address}")
        serve(application(teams, truth, form, Trouble(latency_ms / 1000, failing), seed), listener)
        for number, team in enumerate(teams.values(), start=1):
            Screen().print(_table(results_of(team, truth), f"team {number}"))


def _journal(folder: Path | None, token: str) -> Path | None:
    if folder is None:
        return None
    if not token.isalnum():
        raise ConfigError("a token names the file of its journal, so it has letters and digits only")
    private_folder(folder)
    return folder / f"{token}.jsonl"


def _table(found: Results, team: str) -> Table:
    title = f"{team}: {found.rounds:,} rounds in {found.seconds:.1f} s, at most {found.most_s:.2f} s each"
    table = Table("run", title=title)
    for name in ("P", "R", "F1", "ERDE5", "ERDE50", "latency F1"):
        table.add_column(name, justify="right")
    for number, run in enumerate(found.runs):
        table.add_row(str(number), *(f"{figure:.3f}" for figure in astuple(run)))
    return table
