"""Manifests for Kubernetes: the same nodes as in containers of Compose, and no more rights than they need."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catenae import Input
from catenae.brokers.kafka.permission import Permission
from catenae.errors import TopologyError
from catenae.operating.compose import Deployment, compose
from catenae.operating.kubernetes import Cluster, kubernetes
from catenae.operating.kubernetes.yaml import documents
from catenae.operating.principals import permissions, principals
from catenae.topology.graph import Topology
from catenae.topology.loading import load_topology
from catenae.topology.node import Node, Resources

ROOT = Path(__file__).parents[2]
REFERENCES = ("topologies/depression.py", "topologies/reddit.py", "topologies/wordcount.py")
KAFKA = "kafka://kafka.example:9093"

SOURCE = Node("text_source", "m:Texts", writes="texts", extras=("web", "reddit"))
READER = Node(
    "reader",
    "m:Reader",
    reads="texts",
    replicas=3,
    options={"model": "data/model"},
    files={"data/bills": "write"},
    resources=Resources(memory_mb=256, cpus=0.5),
    documents={},
)
CRAWL = Topology("crawl", (SOURCE, READER))
SHOP = Cluster("shop")


Parsed = list[dict[str, Any]]


def parsed(topologies: dict[str, Topology], cluster: Cluster = SHOP) -> Parsed:
    return [each for text in kubernetes(topologies, cluster).values() for each in yaml.safe_load_all(text)]


def of(kind: str, every: Parsed) -> dict[str, dict[str, Any]]:
    """Return the resources of a kind by name."""
    return {each["metadata"]["name"]: each for each in every if each["kind"] == kind}


def of_crawl(kind: str, cluster: Cluster = SHOP) -> dict[str, dict[str, Any]]:
    return of(kind, parsed({"topologies/crawl.py": CRAWL}, cluster))


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return dict(only)


@pytest.fixture(scope="module")
def ours() -> dict[str, Topology]:
    return {reference: load_topology(reference, ROOT) for reference in REFERENCES}


@pytest.fixture(scope="module")
def every(ours: dict[str, Topology]) -> Parsed:
    return parsed(ours)


def test_what_runs_is_what_compose_runs(ours: dict[str, Topology]) -> None:
    one = {reference: ours[reference] for reference in REFERENCES[::2]}
    composed = yaml.safe_load(compose(one, Deployment(project="shop")).shared)["services"]
    deployed = of("Deployment", parsed(one))

    nodes = [node for topology in one.values() for node in topology.nodes]
    assert set(deployed) == {node.name.replace("_", "-") for node in nodes}
    for node in nodes:
        service, spec = composed[node.name], deployed[node.name.replace("_", "-")]["spec"]
        runs = container({"spec": spec})
        ports = [
            each.partition(":-")[2].rstrip("}") for each in service["command"] if each.startswith("port=")
        ]
        command = [each for each in service["command"] if not each.startswith("port=")]
        assert f"${{CATENAE_IMAGES:-shop}}/{runs['image'].partition('/')[2]}" in service["image"]
        assert [each for each in runs["args"] if each != "--stay"] == (command[:-1] if ports else command)
        assert spec["replicas"] == service["deploy"]["replicas"]
        limits = service["deploy"].get("resources", {}).get("limits", {})
        assert runs.get("resources", {}).get("limits", {}) == {
            {"cpus": "cpu"}.get(name, name): f"{value}i" if name == "memory" else value
            for name, value in limits.items()
        }
        told = {each["name"]: each["value"] for each in runs["env"]}
        assert told.get("CATENAE_DOCUMENTS") == service["environment"].get("CATENAE_DOCUMENTS")
        assert [f"/app/{each['subPath']}" for each in runs["volumeMounts"] if each["name"] == "data"] == [
            each["target"] for each in service.get("volumes", ())
        ]


def test_a_pod_keeps_to_the_profile_restricted(ours: dict[str, Topology], every: Parsed) -> None:
    pods = [*of("Deployment", every).values(), *of("Job", every).values()]

    assert len(pods) == 1 + sum(len(each.nodes) for each in ours.values())
    for each in pods:
        spec, runs = each["spec"]["template"]["spec"], container(each)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert runs["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_a_node_is_given_its_own_password_and_no_other() -> None:
    for name, each in of_crawl("Deployment").items():
        (secrets,) = [v for v in each["spec"]["template"]["spec"]["volumes"] if v["name"] == "secrets"]
        passwords, authority = (source["secret"] for source in secrets["projected"]["sources"])
        assert passwords == {
            "name": "catenae-passwords",
            "items": [{"key": name.replace("-", "_"), "path": "password"}],
        }
        assert authority["items"] == [{"key": "ca.crt", "path": "authority"}]


def test_probes_ask_who_is_alive_and_who_gets_on() -> None:
    runs = container(of_crawl("Deployment")["reader"])

    asked = {name: runs[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert {name: each["path"] for name, each in asked.items()} == {
        "startup": "/live",
        "liveness": "/live",
        "readiness": "/ready",
    }
    assert {"name": "monitoring", "containerPort": 9464} in runs["ports"]


def test_one_instance_at_a_time_goes_and_none_comes_beyond_the_replicas() -> None:
    spec = of_crawl("Deployment")["reader"]["spec"]

    assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
    bounds = of_crawl("PodDisruptionBudget")
    assert list(bounds) == ["reader"]
    assert bounds["reader"]["spec"]["maxUnavailable"] == 1


def test_a_source_that_is_exhausted_stays_where_whatever_ends_is_started_anew() -> None:
    deployed = of_crawl("Deployment")

    assert container(deployed["text-source"])["args"][-1] == "--stay"
    assert "--stay" not in container(deployed["reader"])["args"]


def test_what_nodes_read_and_write_is_on_one_volume() -> None:
    mounts = container(of_crawl("Deployment")["reader"])["volumeMounts"]

    assert [each for each in mounts if each["name"] == "data"] == [
        {"name": "data", "mountPath": f"/app/{path}", "subPath": path, "readOnly": is_read_only}
        for path, is_read_only in (("data/bills", False), ("data/model", True))
    ]
    assert of_crawl("PersistentVolumeClaim")["data"]["spec"]["accessModes"] == ["ReadWriteMany"]


def test_on_kafka_a_node_may_do_what_its_principal_may(ours: dict[str, Topology], every: Parsed) -> None:
    users = of("KafkaUser", every)

    for topology in ours.values():
        for name, rules in principals(topology).items():
            allowed = set(granted(name, users[name.replace("_", "-")]))
            assert set(permissions(name, rules)) - allowed == set()
            if name != "outside":
                assert allowed == set(permissions(name, rules))
    assert "authorization" not in users["operator"]["spec"]
    assert of("Kafka", every)["kafka"]["spec"]["kafka"]["authorization"]["superUsers"] == ["operator"]


def granted(name: str, user: dict[str, Any]) -> Iterator[Permission]:
    """Yield what a user is granted, as Kafka's own permissions."""
    kinds = {"topic": "TOPIC", "group": "GROUP", "transactionalId": "TRANSACTIONAL_ID"}
    for rule in user["spec"]["authorization"]["acls"]:
        place = rule["resource"]
        for each in rule["operations"]:
            spelt = (
                "".join(f"_{letter}" if letter.isupper() else letter for letter in each).strip("_").upper()
            )
            yield Permission(
                name, kinds[place["type"]], place["name"], place["patternType"] == "prefix", spelt
            )


def test_nobody_reaches_a_pod_but_by_a_way_that_is_declared(every: Parsed) -> None:
    policies = of("NetworkPolicy", every)
    pods = [
        each["spec"]["template"] for each in every if each["kind"] in ("Deployment", "StatefulSet", "Job")
    ]

    assert set(policies) == {"nobody", "monitoring", "aerospike", "mongodb", "api"}
    assert "ingress" not in policies["nobody"]["spec"]
    (kept_from,) = policies["nobody"]["spec"]["podSelector"]["matchExpressions"]
    assert {each["metadata"]["labels"][kept_from["key"]] for each in pods} == set(kept_from["values"])


def test_documents_are_reached_by_those_alone_that_have_to_do_with_them() -> None:
    asks = {
        name: each["spec"]["template"]["metadata"]["labels"].get("catenae/documents")
        for name, each in of_crawl("Deployment").items()
    }
    let_in = of_crawl("NetworkPolicy")["mongodb"]["spec"]["ingress"][0]["from"]

    assert asks == {"text-source": "true", "reader": None}
    assert let_in == [{"podSelector": {"matchLabels": {"catenae/documents": "true"}}}]


def test_servers_are_there_for_who_needs_them() -> None:
    assert set(of_crawl("StatefulSet")) == {"aerospike", "mongodb"}
    bare = Cluster("shop", has_store=False, has_documents=False)
    assert of_crawl("StatefulSet", bare) == of_crawl("Job", bare) == {}
    assert "CATENAE_STORE" not in of_crawl("ConfigMap", bare)["catenae"]["data"]


def test_a_kafka_that_is_there_takes_the_place_of_strimzis() -> None:
    there = Cluster("shop", broker=KAFKA)
    texts = kubernetes({"topologies/crawl.py": CRAWL}, there)
    told = {
        each["name"]: each["value"] for each in container(of_crawl("Deployment", there)["text-source"])["env"]
    }

    assert "kafka.yaml" not in texts
    assert not any("strimzi" in text or "kafka-cluster-ca-cert" in text for text in texts.values())
    assert of_crawl("ConfigMap", there)["catenae"]["data"]["CATENAE_BROKER"] == KAFKA
    assert told["CATENAE_KAFKA_SASL_USERNAME"] == "text_source"
    (job,) = of_crawl("Job", there).values()
    assert "CATENAE_BROKER" not in {each["name"] for each in container(job)["env"]}


def test_pods_start_anew_when_what_they_are_told_changes() -> None:
    def told(cluster: Cluster) -> str:
        deployed = of_crawl("Deployment", cluster)["reader"]
        return str(deployed["spec"]["template"]["metadata"]["annotations"]["catenae/settings"])

    assert told(SHOP) == told(Cluster("shop")) != told(Cluster("shop", broker=KAFKA))


def test_a_job_that_does_something_else_has_another_name() -> None:
    more = Topology("more", (Node("other", "m:Reader", reads=Input("lines")),), external=("lines",))
    one, two = of_crawl("Job"), of("Job", parsed({"topologies/crawl.py": CRAWL, "more": more}))

    assert len(one) == len(two) == 1
    assert set(one) != set(two)


def test_kustomize_is_told_of_every_file_and_image() -> None:
    texts = kubernetes({"topologies/crawl.py": CRAWL}, SHOP)
    told = yaml.safe_load(texts["kustomization.yaml"])

    assert {"kustomization.yaml", *told["resources"]} == set(texts)
    assert told["namespace"] == "shop"
    assert [each["name"] for each in told["images"]] == ["shop/core", "shop/reddit-web"]


def test_a_name_that_no_resource_can_have_is_refused() -> None:
    topology = Topology("odd", (Node("reader_", "m:Reader", reads=Input("texts")),), external=("texts",))

    with pytest.raises(TopologyError, match=r"'reader_' ends with an underscore.* rename it"):
        kubernetes({"odd": topology}, SHOP)


def test_topologies_that_cannot_share_a_broker_are_refused() -> None:
    with pytest.raises(TopologyError, match="are both called 'crawl'; rename one"):
        kubernetes({"one": CRAWL, "two": CRAWL}, SHOP)


@given(
    st.recursive(
        st.text()
        | st.integers()
        | st.booleans()
        | st.sampled_from(["no", "Null", "1e3", "0x1", "~", "a: b", "-"]),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner, min_size=1),
        max_leaves=8,
    )
)
def test_what_is_written_is_read_as_what_it_was(value: Any) -> None:
    assert yaml.safe_load(documents([{"is": value}])) == {"is": value}
