import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from catenae.broker import Input
from catenae.errors import ConfigError, TopologyError
from catenae.operating.compose import Deployment, compose
from catenae.operating.compose.deployment import project_name, used
from catenae.operating.compose.kafka import KafkaBrokers
from catenae.topology.graph import Topology
from catenae.topology.loading import load_topology
from catenae.topology.node import Node, Resources

ROOT = Path(__file__).parents[2]
REFERENCES = ("topologies/depression.py", "topologies/token_filter.py", "topologies/wordcount.py")

SOURCE = Node("crawler", "m:Crawler", writes="texts", extras=("web", "reddit"))
READER = Node(
    "reader",
    "m:Reader",
    reads="texts",
    replicas=3,
    options={"model": "data/model", "path": "models/other", "up": "data/../etc", "limit": 3},
    resources=Resources(memory_mb=256, cpus=0.5),
)
CRAWL = Topology("crawl", (SOURCE, READER))


def service(text: str, name: str) -> str:
    """Return the lines of a service, without those around it."""
    return text.partition(f"\n  {name}:\n")[2].partition("\n\n")[0] + "\n"


def topology(name: str, node: str, topic: str, partitions: int = 12, external: bool = False) -> Topology:
    reader = Node(node, "m:Reader", reads=Input(f"{topic}"))
    return Topology(
        name,
        (reader, Node(f"{node}_source", "m:Source", writes=topic)),
        partitions,
        external=[topic] if external else [],
    )


def test_the_files_of_this_repository_are_those_of_its_topologies() -> None:
    written = compose({reference: load_topology(reference, ROOT) for reference in REFERENCES})

    assert (ROOT / "docker-compose.yml").read_text(encoding="utf-8") == written.shared
    assert (ROOT / "docker-compose.override.yml").read_text(encoding="utf-8") == written.local


def test_a_container_may_do_little_and_is_reached_from_this_machine_alone() -> None:
    written = compose({reference: load_topology(reference, ROOT) for reference in REFERENCES})
    image = (ROOT / "docker" / "Dockerfile").read_text(encoding="utf-8")

    every = written.shared.partition("x-every-node: ")[2].partition("\n\n")[0]
    assert {"  read_only: true", "  cap_drop: [ALL]"} <= set(every.splitlines())
    assert "security_opt: [no-new-privileges]" in written.local
    users = re.findall(r"^USER (.*)$", image, re.MULTILINE)
    assert users
    assert not {"root", "0"} & set(users)
    ports = re.findall(r"^ +ports: \[(.*)\]$", written.shared + written.local, re.MULTILINE)
    assert ports
    assert all(each.lstrip('"').startswith("127.0.0.1:") for each in ports)


def test_a_node_is_a_service_with_its_replicas_limits_and_files() -> None:
    assert (
        service(compose({"topologies/crawl.py": CRAWL}).shared, "reader")
        == """\
    <<: *every-node
    image: ${CATENAE_IMAGES:-catenae}/core:${CATENAE_TAG:-latest}
    command: [work, "topologies/crawl.py", reader]
    environment:
      <<: *environment
      CATENAE_KAFKA_SASL_USERNAME: reader
      CATENAE_DOCUMENTS: mongodb://reader@mongodb:27017/crawl
    deploy:
      replicas: 3
      restart_policy:
        condition: any
      resources:
        limits:
          cpus: "0.5"
          memory: 256M
    volumes:
      - {type: bind, source: "./data/model", target: "/app/data/model", read_only: true}
    secrets:
      - {source: reader, target: password}
"""
    )


def test_a_node_writes_what_it_says_it_does_as_whoever_owns_it() -> None:
    leaf = Node(
        "sink",
        "m:Sink",
        reads="texts",
        options={"path": "data/bills/new.jsonl", "model": "data/model"},
        files={"data/bills": "write"},
    )
    files = compose({"crawl.py": Topology("crawl", (SOURCE, leaf))})
    mounts = yaml.safe_load(files.shared)["services"]["sink"]["volumes"]

    assert [(each["source"], each["read_only"]) for each in mounts] == [
        ("./data/bills", False),
        ("./data/model", True),
    ]
    assert yaml.safe_load(files.local)["services"]["sink"]["user"] == "${CATENAE_USER:-65532:65532}"
    assert "user" not in yaml.safe_load(files.local)["services"]["crawler"]


def test_a_source_that_has_ended_stays_so_and_has_no_limit_it_was_not_given() -> None:
    crawler = service(compose({"crawl.py": CRAWL}).shared, "crawler")

    assert (
        "    deploy:\n      replicas: 1\n      restart_policy:\n        condition: on-failure\n    secrets:"
        in crawler
    )


def test_a_server_that_has_a_port_is_reached_at_it_from_this_machine_alone() -> None:
    files = compose({"crawl.py": Topology("crawl", (SOURCE, Node("api", "m:Api", options={"port": 8080})))})

    assert (
        '    command: [work, "crawl.py", api, --option, host=0.0.0.0, --option, "port=${API_PORT:-8080}"]\n'
        in service(files.shared, "api")
    )
    assert 'ports: ["127.0.0.1:${API_PORT:-8080}:${API_PORT:-8080}"]' in service(files.local, "api")
    assert "condition: any" in service(files.shared, "api")


def test_compose_alone_builds_the_images_and_starts_by_profile() -> None:
    local = compose({"crawl.py": CRAWL}).local

    assert (
        service(local, "crawler")
        == "    <<: *every-node\n    profiles: [crawl]\n    build: *build-reddit-web\n"
    )
    assert "EXTRAS: aerospike,fast,mongodb,reddit,web\n" in local
    assert local.count("condition: service_healthy") == 3


def test_an_image_is_described_once() -> None:
    assert compose({"crawl.py": CRAWL}).local.count("&build-core") == 1


def test_equal_topologies_give_equal_text() -> None:
    assert compose({"crawl.py": CRAWL}) == compose({"crawl.py": Topology("crawl", (SOURCE, READER))})


def test_nothing_that_swarm_refuses_is_in_the_shared_file() -> None:
    shared = compose({"crawl.py": CRAWL}).shared

    assert not {"profiles", "depends_on", "ports", "build", "container_name"} & {
        line.strip().partition(":")[0] for line in shared.splitlines()
    }


def test_a_node_has_its_own_password_as_a_file_and_only_the_operator_all_of_them() -> None:
    shared = yaml.safe_load(compose({"crawl.py": CRAWL}).shared)
    services = shared["services"]
    own = {name: {"source": name, "target": "password"} for name in ("crawler", "reader", "operator")}

    assert services["crawler"]["secrets"] == [own["crawler"]]
    assert services["reader"]["secrets"] == [own["reader"]]
    assert services["operator"]["secrets"] == [own["operator"], "crawler", "reader"]
    assert services["mongodb"]["secrets"] == [own["operator"]]
    assert services["kafka"]["secrets"] == ["kafka"]
    assert shared["secrets"]["reader"] == {"file": "${CATENAE_SECRETS:-./secrets}/reader"}


def test_nobody_reaches_kafka_without_a_password_controllers_included() -> None:
    settings = yaml.safe_load(compose({"crawl.py": CRAWL}).shared)["services"]["kafka"]["environment"]

    spoken = dict(each.split(":") for each in settings["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    assert spoken == dict.fromkeys(("INTERNAL", "CONTROLLER", "HOST"), "SASL_PLAINTEXT")
    assert settings["KAFKA_SUPER_USERS"] == "User:operator"
    assert "allow.everyone" not in str(settings).lower().replace("_", ".")


def test_a_node_that_says_it_has_no_documents_is_given_no_url_of_them() -> None:
    apart = Topology(
        "crawl", (Node("crawler", "m:Crawler", writes="t", documents={}), Node("r", "m:R", reads="t"))
    )
    services = yaml.safe_load(compose({"crawl.py": apart}).shared)["services"]

    assert "CATENAE_DOCUMENTS" not in services["crawler"]["environment"]
    assert "CATENAE_DOCUMENTS" in services["r"]["environment"]


def test_nodes_start_once_they_are_allowed_their_work() -> None:
    local = yaml.safe_load(compose({"crawl.py": CRAWL}).local)["services"]

    assert local["reader"]["depends_on"]["operator"] == {"condition": "service_completed_successfully"}
    assert set(local["operator"]["depends_on"]) == {"kafka", "aerospike", "mongodb"}


def test_between_machines_all_is_encrypted() -> None:
    shared = yaml.safe_load(compose({"crawl.py": CRAWL}).shared)

    assert shared["networks"] == {"default": {"driver_opts": {"encrypted": "true"}}}


def test_with_tls_servers_have_certificates_and_nodes_know_whom_to_trust() -> None:
    services = yaml.safe_load(compose({"crawl.py": CRAWL}, Deployment(has_tls=True)).shared)["services"]
    kafka, reader = services["kafka"], services["reader"]

    assert "PLAINTEXT" not in kafka["environment"]["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"]
    assert kafka["secrets"] == ["kafka", "certificate", "authority"]
    assert services["mongodb"]["command"][:2] == ["--tlsMode", "requireTLS"]
    assert reader["environment"]["CATENAE_KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert reader["environment"]["CATENAE_KAFKA_SSL_CA_LOCATION"] == "/run/secrets/authority"
    assert reader["environment"]["CATENAE_DOCUMENTS"].endswith("?tls=true&tlsCAFile=/run/secrets/authority")
    assert reader["secrets"] == [{"source": "reader", "target": "password"}, "authority"]


def test_three_brokers_know_each_other_and_keep_three_copies() -> None:
    files = compose({"crawl.py": CRAWL}, Deployment(KafkaBrokers(3)))
    services = yaml.safe_load(files.shared)["services"]
    settings = [services[f"kafka-{number}"]["environment"] for number in (1, 2, 3)]

    voters = "1@kafka-1:9093,2@kafka-2:9093,3@kafka-3:9093"
    assert {each["KAFKA_CONTROLLER_QUORUM_VOTERS"] for each in settings} == {voters}
    assert [each["KAFKA_NODE_ID"] for each in settings] == [1, 2, 3]
    for name in ("DEFAULT_REPLICATION", "OFFSETS_TOPIC_REPLICATION", "TRANSACTION_STATE_LOG_REPLICATION"):
        assert {each[f"KAFKA_{name}_FACTOR"] for each in settings} == {3}
    assert services["reader"]["environment"]["CATENAE_BROKER"] == (
        "kafka://kafka-1:9092,kafka-2:9092,kafka-3:9092?replication.factor=3&min.insync.replicas=2"
    )


def test_each_of_three_brokers_has_its_own_files_machine_and_port() -> None:
    files = compose({"crawl.py": CRAWL}, Deployment(KafkaBrokers(3)))

    assert set(yaml.safe_load(files.shared)["volumes"]) >= {"kafka-1", "kafka-2", "kafka-3"}
    assert "constraints: [node.labels.catenae.kafka == 3]" in service(files.shared, "kafka-3")
    assert "127.0.0.1:${KAFKA_PORT_3:-9096}:9094" in service(files.local, "kafka-3")
    assert files.local.count("condition: service_healthy") == 5


def test_servers_that_nobody_uses_are_not_asked_for() -> None:
    files = compose({"crawl.py": CRAWL}, Deployment(has_store=False, has_documents=False))
    shared, local = yaml.safe_load(files.shared), yaml.safe_load(files.local)

    assert set(shared["services"]) == {"kafka", "operator", "crawler", "reader"}
    assert shared["volumes"] == {"kafka": None}
    assert "aerospike" not in files.shared + files.local
    assert "mongodb" not in (files.shared + files.local).lower()
    assert local["x-build-core"]["args"] == {"EXTRAS": "fast"}


def test_only_what_services_ask_for_is_used() -> None:
    splitter = Node("splitter", "services.examples.word_count:WordSplitter", reads="lines", writes="words")
    counter = Node("counter", "services.examples.word_count:WordCount", reads="words", writes="counts")
    splits = Topology("splits", (splitter,), external=["lines"])
    counts = Topology("counts", (counter,), external=["words"])

    assert used([splits]) == (False, False, [])
    assert used([splits, counts]) == (True, False, [])


def test_a_service_that_cannot_be_imported_may_use_everything() -> None:
    reader = Node("reader", "no_such:Reader", reads="texts")

    has_store, has_documents, [told] = used([Topology("crawl", (reader,), external=["texts"])])

    assert has_store
    assert has_documents
    assert "node 'reader': there is no module 'no_such'" in told


@pytest.mark.parametrize(
    ("text", "name"),
    [('[project]\nname = "My_Shop"', "my-shop"), ("", "web-shop"), ("[project", "web-shop")],
)
def test_images_are_called_as_the_project_else_as_its_folder(text: str, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "Web Shop"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(text)

    assert project_name(folder) == name
    local = compose({"crawl.py": CRAWL}, Deployment(project=name)).shared
    assert f"image: ${{CATENAE_IMAGES:-{name}}}/core:${{CATENAE_TAG:-latest}}" in local


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_number_of_brokers_without_a_majority_is_refused(count: int) -> None:
    with pytest.raises(ConfigError, match=f"--brokers is {count}; take 1, or an odd number"):
        KafkaBrokers(count)


@pytest.mark.parametrize(
    ("topologies", "found"),
    [
        ({"a": topology("one", "kafka", "x")}, "node 'kafka', which is a server's name"),
        ({"a": topology("one", "outside", "x")}, "'outside', which is the name of who comes from outside"),
        ({"a": topology("one", "password", "x")}, "node 'password', which is a secret's name"),
        ({"a": topology("one", "x", "x"), "b": topology("one", "y", "y")}, "a and b are both called 'one'"),
        ({"a": topology("one", "x", "x"), "b": topology("two", "x", "y")}, "both have a node 'x'"),
        (
            {"a": topology("one", "x", "t", external=True), "b": topology("two", "y", "t")},
            "both use topic 't', and would read each other's messages; .* of b",
        ),
        (
            {"a": topology("one", "x", "t", 12, True), "b": topology("two", "y", "t", 6, True)},
            "share topic 't', but want 12 and 6 partitions",
        ),
    ],
    ids=["server", "outsider", "secret", "topology", "node", "topic", "partitions"],
)
def test_topologies_that_would_get_in_each_others_way_are_refused(
    topologies: Mapping[str, Topology], found: str
) -> None:
    with pytest.raises(TopologyError, match=found):
        compose(topologies)


def test_topologies_may_share_a_topic_that_both_know_of() -> None:
    shared = compose(
        {
            "a": topology("one", "x", "t", external=True),
            "b": topology("two", "y", "t", external=True),
        }
    ).shared

    assert "CATENAE_DOCUMENTS: mongodb://x@mongodb:27017/one\n" in shared
    assert "CATENAE_DOCUMENTS: mongodb://y@mongodb:27017/two\n" in shared


def test_names_and_paths_stay_the_texts_they_are() -> None:
    nodes = (
        Node("null", "m:Source", writes="texts", options={"path": 'data/du$mps "\u2028'}),
        Node("on", "m:Reader", reads="texts"),
    )
    files = compose({"topologies/a$b.py": Topology("yes", nodes)})
    shared, local = yaml.safe_load(files.shared), yaml.safe_load(files.local)

    assert set(shared["services"]) >= {"null", "on"}
    assert shared["services"]["on"]["command"] == ["work", "topologies/a$$b.py", "on"]
    assert shared["services"]["null"]["volumes"][0]["target"] == '/app/data/du$$mps "\u2028'
    assert local["services"]["on"]["profiles"] == ["yes"]


def test_a_name_that_no_file_in_utf_8_can_hold_is_refused() -> None:
    with pytest.raises(TopologyError, match="is not UTF-8"):
        compose({"topologies/\udcff.py": CRAWL})
