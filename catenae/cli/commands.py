"""The commands put together, and the one place where an error becomes one line and an exit status."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from catenae.cli import (
    acls,
    autoscale,
    compose,
    control,
    dead_letters,
    declaration,
    forget,
    kubernetes,
    migrate,
    new_project,
    permit,
    produce,
    reset,
    scale,
    state,
    tail,
    topics,
    up,
    work,
)
from catenae.deployment.data_folder import installed_version
from catenae.edge import tell
from catenae.errors import CatenaeError


class Commands(TyperGroup):
    """Commands whose errors are shown as one line, in the order in which they are declared."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error of ours is one line and status 2. All others are the edge's."""
        try:
            return super().invoke(ctx)
        except CatenaeError as error:
            raise typer.Exit(tell("catenae", error)) from error


app = typer.Typer(
    name="catenae",
    cls=Commands,
    help="Microservices over topics: exactly once, on one machine or on Kafka.",
    epilog="Start with: catenae new weather",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:  # noqa: FBT001  typer calls it so
    if value:
        typer.echo(f"catenae {installed_version()}")
        raise typer.Exit


@app.callback()
def catenae(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Microservices over topics: exactly once, on one machine or on Kafka."""


app.command("new", rich_help_panel="Write")(new_project.new)
app.command("check", rich_help_panel="Write")(declaration.check)
app.command("graph", rich_help_panel="Write")(declaration.graph)
app.command("compose", rich_help_panel="Write")(compose.compose)
app.command("kubernetes", rich_help_panel="Write")(kubernetes.kubernetes)
app.command("passwords", rich_help_panel="Write")(permit.passwords)
app.command("permit", rich_help_panel="Run")(permit.permit)
app.command("up", rich_help_panel="Run")(up.up)
app.command("scale", rich_help_panel="Run")(scale.scale)
app.command("autoscale", rich_help_panel="Run")(autoscale.autoscale)
app.add_typer(control.app, name="control", rich_help_panel="Run")
app.command("work", rich_help_panel="Run")(work.work)
app.command("topics", rich_help_panel="Look")(topics.topics)
app.command("lag", rich_help_panel="Look")(topics.lag)
app.command("acls", rich_help_panel="Look")(acls.acls)
app.command("tail", rich_help_panel="Look")(tail.tail)
app.command("produce", rich_help_panel="Look")(produce.produce)
app.add_typer(state.app, name="state", rich_help_panel="Look")
app.command("forget", rich_help_panel="Put right")(forget.forget)
app.command("reset", rich_help_panel="Put right")(reset.reset)
app.command("migrate", rich_help_panel="Put right")(migrate.migrate)
app.add_typer(dead_letters.app, name="dead-letters", rich_help_panel="Put right")
