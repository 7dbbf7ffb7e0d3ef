"""A topology as an AsyncAPI 3.0 document: its topics, who writes and reads them, and what is in them.

The values of a topic are a JSON Schema each, by the types that services declare; a topic of which nobody says
anything takes any. As plain data, to be written as JSON.
"""

from typing import Any

import msgspec

from catenae.runtime.dead_letters import dead_topic
from catenae.topology.graph import Topology
from catenae.topology.value_types import Declared, declared_types

VERSION = "3.0.0"
_CONTENT_TYPES = {"json": "application/json", "text": "text/plain", "msgpack": "application/msgpack"}


def asyncapi(topology: Topology) -> dict[str, Any]:
    """Return the document; its services are imported. Raises `TopologyError` as that does."""
    dead = {dead_topic(topic) for topic in topology.data_topics()}
    declared = {topic: each for topic, each in declared_types(topology).items() if topic not in dead}
    schemas, components = _schemas(declared)
    return {
        "asyncapi": VERSION,
        "info": {"title": topology.name, "version": "1"},
        "channels": {topic: _channel(topology, topic, schemas[topic]) for topic in declared},
        "operations": _operations(topology, declared),
        "components": {"schemas": components},
    }


def _schemas(declared: dict[str, Declared]) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Return by topic the schema of each type, and the schemas that these refer to."""
    types = [each for some in declared.values() for each in some.types()]
    found, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    left = iter(found)
    return {topic: [next(left) for _ in some.types()] for topic, some in declared.items()}, components


def _channel(topology: Topology, topic: str, schemas: list[Any]) -> dict[str, Any]:
    payloads: list[Any] = schemas or [{}]
    content_type = _CONTENT_TYPES.get(topology.formats.get(topic, "msgpack"), "application/octet-stream")
    messages = {
        f"message{number}" if number > 1 else "message": {"contentType": content_type, "payload": payload}
        for number, payload in enumerate(payloads, start=1)
    }
    whose = [
        said
        for said, topics in (("external", topology.external), ("exported", topology.exported))
        if topic in topics
    ]
    return {
        "address": topic,
        "messages": messages,
        **({"tags": [{"name": each} for each in whose]} if whose else {}),
    }


def _operations(topology: Topology, declared: dict[str, Declared]) -> dict[str, Any]:
    """Return what each node does with each topic: "send" is to write it."""
    found = {}
    for node in topology.nodes:
        topics = [("receive", each.topic) for each in node.inputs]
        topics += [("send", topic) for topic in node.outputs.values()]
        for action, topic in topics:
            if topic in declared:
                found[f"{node.name}.{action}.{topic}"] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{topic.replace('~', '~0').replace('/', '~1')}"},
                }
    return found
