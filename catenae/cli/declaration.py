"""`catenae check` and `catenae graph`: a topology looked at without being run."""

import json
import os
from typing import Annotated

import typer

from catenae.cli.settings import Flags, TopologyArgument, settings_of, with_settings
from catenae.config import options_from_environment
from catenae.operating.check import check as findings_of
from catenae.operating.check import compare
from catenae.stores import check_store_url
from catenae.topology.asyncapi import asyncapi
from catenae.topology.loading import load_topology
from catenae.topology.mermaid import mermaid


@with_settings("data", "broker", "store")
def check(
    topology: TopologyArgument,
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Look at the declaration alone, not at what has run.")
    ] = False,
    flags: Flags,
) -> None:
    """Find what is wrong with a topology before it runs: every mistake a line, exit status 2.

    Imports the services that it names, so it tells too whether their code fits; options and a store that the
    environment gives count like those of the topology. Where the topology has run, also what would be lost.

    \b
    catenae check topologies/wordcount.py
    """
    loaded = load_topology(topology)
    check_store_url(settings_of(flags, loaded).store)
    options = options_from_environment(os.environ, (node.name for node in loaded.nodes))
    findings = findings_of(loaded, options)
    if not offline and not any(finding.severity == "error" for finding in findings):
        findings += compare(loaded, settings_of(flags, loaded))
    for finding in findings:
        typer.echo(str(finding), err=True)
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(2)
    typer.echo(f"ok: {_counted(len(loaded.nodes), 'node')}, {_counted(len(loaded.data_topics()), 'topic')}")


def graph(
    topology: TopologyArgument,
    *,
    as_asyncapi: Annotated[
        bool,
        typer.Option("--asyncapi", help="Print an AsyncAPI 3 document, with a JSON Schema of each topic."),
    ] = False,
) -> None:
    """Draw a topology as a Mermaid flow chart, which GitHub and many editors show.

    \b
    catenae graph topologies/wordcount.py > graph.mmd
    catenae graph topologies/wordcount.py --asyncapi > asyncapi.json
    """
    loaded = load_topology(topology)
    if as_asyncapi:
        typer.echo(json.dumps(asyncapi(loaded), indent=2))
    else:
        typer.echo(mermaid(loaded), nl=False)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
