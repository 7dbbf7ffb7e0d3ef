"""`catenae kubernetes`: topologies as a folder of manifests."""

from pathlib import Path
from typing import Annotated

import typer

from catenae.cli.complaint import complain
from catenae.cli.compose import relative, text_of
from catenae.errors import ConfigError
from catenae.operating.compose.deployment import project_name, used
from catenae.operating.compose.kafka import KafkaBrokers
from catenae.operating.kubernetes import Cluster
from catenae.operating.kubernetes import kubernetes as files_of
from catenae.topology.loading import load_topology


def kubernetes(
    topologies: Annotated[
        list[str],
        typer.Argument(metavar="TOPOLOGY…", help="Files such as topologies/wordcount.py, or modules."),
    ],
    *,
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the manifests are written.")] = Path(
        "kubernetes"
    ),
    brokers: Annotated[int, typer.Option(metavar="NUMBER", help="Brokers of Kafka, which Strimzi runs.")] = 3,
    broker: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="A Kafka that is there already, in place of Strimzi's.", show_default=False
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit status 1 if a file is not what it should be.")
    ] = False,
) -> None:
    """Write what runs topologies in a Kubernetes cluster: every node a Deployment, for `kubectl apply -k`.

    Kafka by Strimzi's operator, which is to be installed, or one that is there; Aerospike for State and
    timers, MongoDB for documents. Other settings are laid over the folder by a kustomization of your own.
    Imports the services that are named.

    \b
    catenae kubernetes topologies/depression.py
    catenae kubernetes topologies/wordcount.py --broker kafka://kafka.example:9093
    catenae kubernetes topologies/wordcount.py --check
    """
    if broker is not None and not broker.startswith("kafka://"):
        raise ConfigError(f"--broker is {broker!r}; pods share a Kafka, such as kafka://host:9093")
    loaded = {relative(reference): load_topology(reference) for reference in topologies}
    has_store, has_documents, unknown = used(loaded.values())
    for each in unknown:
        complain(f"{each}; so Aerospike and MongoDB are there for it, needed or not")
    cluster = Cluster(project_name(Path()), KafkaBrokers(brokers), broker, has_store, has_documents)
    files = {output / name: text for name, text in files_of(loaded, cluster).items()}
    if check:
        differing = [path for path, text in files.items() if text_of(path) != text]
        for path in differing:
            typer.echo(f"{path} is not what the topologies say; write it without --check", err=True)
        raise typer.Exit(1 if differing else 0)
    try:
        output.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
            typer.echo(path)
    except OSError as error:
        raise ConfigError(f"--output: {output} cannot be written: {error.strerror}") from error
