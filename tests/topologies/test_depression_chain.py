"""The stages of the screening as one chain, against the same stages apart."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae import Message, Topology
from tests.topologies.test_depression_topology import MODEL_NODES, Row, Screening
from tests.unit.runtime.chained import World
from topologies.depression import topology

STAGES = Topology(
    topology.name,
    partitions=topology.partitions,
    external=topology.external,
    exported=topology.exported,
    nodes=topology.chains["screening"],
)


@pytest.mark.lengthy
def test_probabilities_and_alerts_of_a_chain_are_those_of_its_stages_apart(
    screening: Screening, invented: Sequence[Row]
) -> None:
    model: Path = screening[0]
    options: dict[str, dict[str, Any]] = {node: {"model": str(model)} for node in MODEL_NODES}
    texts = [Message(text, text["author"]) for text in invented]
    with (
        closing(World(STAGES, options=options)) as chained,
        closing(World(STAGES, options=options, is_chained=False)) as apart,
    ):
        for world in (chained, apart):
            world.put("texts", texts)
            world.run()

        assert len(chained.records("user_probabilities")) == len(texts)
        for topic in STAGES.topics():
            assert chained.records(topic) == apart.records(topic), topic
