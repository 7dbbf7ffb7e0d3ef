"""Manifests of this repository's topologies, read by what is to read them in a cluster."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from catenae.operating.kubernetes import Cluster, kubernetes
from catenae.topology.loading import load_topology
from tests.servers.fixtures import require
from tests.servers.strimzi import unknown_to_strimzi

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[3]
REFERENCES = ("topologies/depression.py", "topologies/reddit.py", "topologies/wordcount.py")


@pytest.fixture(scope="module")
def manifests() -> list[dict[str, Any]]:
    topologies = {reference: load_topology(reference, ROOT) for reference in REFERENCES}
    texts = kubernetes(topologies, Cluster("shop"))
    return [
        each
        for name, text in texts.items()
        if name != "kustomization.yaml"
        for each in yaml.safe_load_all(text)
    ]


def test_strimzi_knows_all_that_is_said_of_kafka(manifests: list[dict[str, Any]]) -> None:
    of_kafka = [each for each in manifests if each["apiVersion"].startswith("kafka.strimzi.io/")]
    misspelt = {**of_kafka[0], "spec": {**of_kafka[0]["spec"], "replica": 3}}

    with require():
        assert unknown_to_strimzi(of_kafka) == []
        assert set(unknown_to_strimzi([misspelt])) == {"brokers.Spec: replica"}
