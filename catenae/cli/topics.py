"""`catenae topics` and `catenae lag`: what there is, and what is still to be done."""

from contextlib import closing

import typer

from catenae.cli.settings import Flags, TopologyArgument, open_present_broker, settings_of, with_settings
from catenae.cli.table import columns
from catenae.deployment.lag import lags
from catenae.topology.loading import load_topology


@with_settings("data", "broker")
def topics(*, flags: Flags) -> None:
    """List the topics: partitions, records there now, records ever written.

    \b
    catenae topics
    """
    with closing(open_present_broker(settings_of(flags))) as broker:
        rows = []
        for name, spec in sorted(broker.topics().items()):
            spans = broker.spans(name)
            held = sum(span.end - span.start for span in spans)
            rows.append((name, spec.partitions, held, sum(span.end for span in spans)))
    typer.echo(columns(("TOPIC", "PARTITIONS", "RECORDS", "EVER"), rows))


@with_settings("data", "broker")
def lag(topology: TopologyArgument, *, flags: Flags) -> None:
    """Show how far each node is: the end of each topic it reads, its position, and what lies between.

    \b
    catenae lag topologies/wordcount.py
    """
    loaded = load_topology(topology)
    with closing(open_present_broker(settings_of(flags, loaded))) as broker:
        rows = [
            (each.node, each.topic, each.end, each.position, each.records) for each in lags(broker, loaded)
        ]
    typer.echo(columns(("NODE", "TOPIC", "END", "POSITION", "LAG"), rows))
