"""`catenae state`: what a node keeps by key, looked at and changed, while it runs or not."""

import getpass
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from typing import Annotated

import typer

from catenae.cli.settings import Flags, TopologyArgument, open_present_broker, settings_of, with_settings
from catenae.cli.table import columns
from catenae.clock import SystemClock
from catenae.errors import ConfigError
from catenae.operating.kept_by_key import KeptByKey, state_of
from catenae.plain_json import json_line, takes_ascii_only
from catenae.stores import open_store
from catenae.topology.loading import load_topology

app = typer.Typer(
    help="What a node keeps by key: list it, look at it, change it, while the node runs or not.",
    no_args_is_help=True,
)

NodeArgument = Annotated[str, typer.Argument(metavar="NODE", help="A node of the topology.")]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="A key of its messages.")]
StateOption = Annotated[
    str | None,
    typer.Option("--state", metavar="NAME", help="Which State, of a node that has several: its parameter."),
]
PartOption = Annotated[
    str | None,
    typer.Option("--part", metavar="NAME", help="The part of the key, as in state[message.key, 'likes']."),
]
WaitOption = Annotated[
    float, typer.Option("--wait", metavar="SECONDS", min=0.0, help="So long for a node that runs, at most.")
]


@contextmanager
def _opened(topology: str, node: str, state: str | None, flags: Flags) -> Iterator[KeptByKey]:
    loaded = load_topology(topology)
    settings = settings_of(flags, loaded)
    with ExitStack() as stack:
        broker = stack.enter_context(closing(open_present_broker(settings, loaded.replication)))
        store = stack.enter_context(closing(open_store(settings.store)))
        found = loaded.node(node)
        yield KeptByKey(loaded, found, state_of(found, state), broker, store, SystemClock())


@app.command("list")
@with_settings("data", "broker", "store")
def list_(
    topology: TopologyArgument,
    node: NodeArgument,
    *,
    state: StateOption = None,
    number: Annotated[int, typer.Option("-n", min=1, help="At most so many entries.")] = 100,
    flags: Flags,
) -> None:
    """List the keys that a node keeps something of, each with its parts. They may be people's names.

    \b
    catenae state list topologies/wordcount.py counter -n 10
    """
    with _opened(topology, node, state, flags) as kept:
        entries = list(islice(kept.entries(), number + 1))
    shown = sorted((each.key, each.part or "") for each in entries[:number])
    typer.echo(columns(("KEY", "PART"), shown) if shown else "nothing is kept")
    if len(entries) > number:
        typer.echo("there is more: give a larger -n", err=True)


@app.command()
@with_settings("data", "broker", "store")
def get(
    topology: TopologyArgument,
    node: NodeArgument,
    key: KeyArgument,
    *,
    part: PartOption = None,
    state: StateOption = None,
    flags: Flags,
) -> None:
    """Print what a node keeps of a key as JSON: as of what it has committed, also while it runs.

    \b
    catenae state get topologies/wordcount.py counter the
    """
    with _opened(topology, node, state, flags) as kept:
        typer.echo(json_line(kept.get(key, part), ascii_only=takes_ascii_only(sys.stdout)))


@app.command("set")
@with_settings("data", "broker", "store")
def set_(  # noqa: PLR0913  an option each
    topology: TopologyArgument,
    node: NodeArgument,
    key: KeyArgument,
    value: Annotated[str, typer.Argument(metavar="JSON", help="The value, such as 3 or '[1, 2]'.")],
    *,
    part: PartOption = None,
    state: StateOption = None,
    wait: WaitOption = 30.0,
    flags: Flags,
) -> None:
    """Have a node keep another value of a key, in place of what it has.

    It is written to what the node reads, with your name beside it, and counts at its place there, once,
    whatever is killed meanwhile; a node that is stopped reads it when it is started. Its log says so, too.

    \b
    catenae state set topologies/wordcount.py counter the 3
    catenae state set topologies/shop.py basket ann '{"tea": 2}' --state items
    """
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"the value is no JSON; a text needs quotes of its own: '\"{'text'}\"'") from error
    if parsed is None:
        raise ConfigError("null is no value; to keep nothing, use `catenae state delete`")
    with _opened(topology, node, state, flags) as kept:
        _change(kept, key, part, parsed, wait)


@app.command()
@with_settings("data", "broker", "store")
def delete(  # noqa: PLR0913  an option each
    topology: TopologyArgument,
    node: NodeArgument,
    key: KeyArgument,
    *,
    part: PartOption = None,
    state: StateOption = None,
    wait: WaitOption = 30.0,
    flags: Flags,
) -> None:
    """Have a node forget all that it keeps of a key in a State, or one part; as `set` does it.

    \b
    catenae state delete topologies/wordcount.py counter the
    """
    with _opened(topology, node, state, flags) as kept:
        _change(kept, key, part, None, wait)


def _change(kept: KeptByKey, key: str, part: str | None, value: object, wait_s: float) -> None:
    place = kept.change(key, part, value, getpass.getuser())
    if not kept.is_running:
        typer.echo("noted; the node does not run, and changes it once it does")
    elif kept.has_come(place, wait_s):
        typer.echo("changed")
    else:
        typer.echo("noted; the node has much to read before, and changes it then")
