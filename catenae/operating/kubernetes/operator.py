"""The Job that has servers allow every node its work: on Strimzi's Kafka that is done by resources."""

from collections.abc import Iterator, Mapping
from hashlib import blake2b

from catenae.operating.compose.servers import documents
from catenae.operating.kubernetes.cluster import Cluster
from catenae.operating.kubernetes.pods import PASSWORD, SECRETS, Container, template
from catenae.operating.kubernetes.resources import (
    DOCUMENTS_CLIENT,
    OPERATOR_ROLE,
    Resource,
    named,
    resource,
)
from catenae.operating.passwords import OPERATOR
from catenae.topology.graph import Topology

_DAY_S = 24 * 3600
_TRIES = 100
_SUM_BYTES = 4


def operator(topologies: Mapping[str, Topology], cluster: Cluster) -> Iterator[Resource]:
    """Yield the Job, if there is anything to allow. What it does may be done again.

    What it runs cannot be changed in a cluster, so its name is another one whenever that is.
    """
    if not cluster.has_documents and cluster.broker is None:
        return
    nodes = [node.name for topology in topologies.values() for node in topology.nodes]
    arguments = ["permit", *topologies, "--passwords", SECRETS]
    environment = {"CATENAE_KAFKA_SASL_USERNAME": OPERATOR}
    if cluster.has_documents:
        environment["CATENAE_DOCUMENTS"] = documents(OPERATOR, "admin", has_tls=False)
    if cluster.broker is None:
        environment["CATENAE_BROKER"] = "embedded:"
    secrets = {PASSWORD: OPERATOR, **{name: name for name in nodes}}
    container = Container(
        OPERATOR,
        f"{cluster.project}/core",
        arguments,
        environment,
        secrets,
        is_probed=False,
        trusts=cluster.broker is None,
    )
    labels = named(OPERATOR, cluster.project, OPERATOR_ROLE)
    clients = {DOCUMENTS_CLIENT: "true"} if cluster.has_documents else {}
    pod = template(container, {**labels, **clients}, cluster.settings_sum)
    pod["spec"]["restartPolicy"] = "OnFailure"
    spec = {"backoffLimit": _TRIES, "ttlSecondsAfterFinished": _DAY_S, "template": pod}
    told = blake2b(repr(spec).encode(), digest_size=_SUM_BYTES).hexdigest()
    yield resource("Job", "batch/v1", f"{OPERATOR}-{told}", labels, spec=spec)
