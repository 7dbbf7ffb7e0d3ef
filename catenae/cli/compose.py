"""`catenae compose`: topologies as files for Docker Compose and Swarm."""

from pathlib import Path
from typing import Annotated

import typer

from catenae.cli.complaint import complain
from catenae.errors import ConfigError
from catenae.operating.compose import Deployment
from catenae.operating.compose import compose as files_of
from catenae.operating.compose.deployment import project_name, used
from catenae.operating.compose.images import pinned, read_lock
from catenae.operating.compose.kafka import KafkaBrokers
from catenae.topology.loading import load_topology


def compose(
    topologies: Annotated[
        list[str],
        typer.Argument(metavar="TOPOLOGY…", help="Files such as topologies/wordcount.py, or modules."),
    ],
    *,
    output: Annotated[Path, typer.Option(metavar="FILE", help="What Compose and Swarm both read.")] = Path(
        "docker-compose.yml"
    ),
    brokers: Annotated[
        int, typer.Option(metavar="NUMBER", help="Brokers of Kafka; of three, one may be lost.")
    ] = 1,
    tls: Annotated[
        bool, typer.Option("--tls", help="Kafka and MongoDB speak TLS, by certificates in secrets/.")
    ] = False,
    images: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Have each image by its digest, from the lock in this file."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit status 1 if a file is not what it should be.")
    ] = False,
) -> None:
    """Write what runs topologies in containers: every node a service, beside the servers that they use.

    Kafka always; Aerospike for State and timers, MongoDB for documents. Two files: one for Docker Compose and
    Swarm, and beside it, as .override.yml, what Compose adds to it. Imports the services that are named.

    \b
    catenae compose topologies/depression.py topologies/wordcount.py
    catenae compose topologies/wordcount.py --brokers 3
    catenae compose topologies/wordcount.py --check
    """
    loaded = {relative(reference): load_topology(reference) for reference in topologies}
    has_store, has_documents, unknown = used(loaded.values())
    for each in unknown:
        complain(f"{each}; so Aerospike and MongoDB are there for it, needed or not")
    deployment = Deployment(KafkaBrokers(brokers), tls, project_name(Path()), has_store, has_documents)
    written = files_of(loaded, deployment)
    files = {output: written.shared, output.with_suffix(f".override{output.suffix}"): written.local}
    if images is not None:
        lock = read_lock(images)
        files = {path: pinned(text, lock) for path, text in files.items()}
    if check:
        differing = [path for path, text in files.items() if text_of(path) != text]
        for path in differing:
            typer.echo(f"{path} is not what the topologies say; write it without --check", err=True)
        raise typer.Exit(1 if differing else 0)
    for path, text in files.items():
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"--output: {path} cannot be written: {error.strerror}") from error
        typer.echo(path)


def relative(reference: str) -> str:
    """Return a reference that means the same in an image, where the project is in another folder."""
    if Path(reference).is_absolute() or ".." in Path(reference).parts:
        raise ConfigError(
            f"topology {reference!r} would not be found in a container; go to the project's folder and name "
            f"it from there, such as topologies/{Path(reference).name}"
        )
    return reference


def text_of(path: Path) -> str:
    """Return what a file holds, nothing if there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
