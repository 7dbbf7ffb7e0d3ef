"""From messages to records: the port's topic, the key's bytes, the value's bytes and the headers."""

from collections.abc import Mapping

from catenae.codec import CONTENT_TYPE, Codec, encode_key
from catenae.errors import TopologyError
from catenae.message import NO_HEADERS, UNASSIGNED, Headers, Message, Record, record_of
from catenae.runtime.dead_letters import ONLY_GROUP
from catenae.runtime.plan import Plan

# Headers that belong to one record and not to what is derived from it.
OWN_HEADERS = (CONTENT_TYPE, ONLY_GROUP)


class Encoder:
    """Encodes what one node's microservice yields."""

    def __init__(self, plan: Plan, codec: Codec) -> None:
        self._node = plan.node
        self._topics = _topics_by_port(plan.outputs)
        self._codec = codec

    def encode(self, message: Message) -> Record:
        """Return the record for one message; raise CodecError, or TopologyError for an unknown port."""
        topic = self._topics.get(message.port)
        if topic is None:
            raise TopologyError(
                f"node {self._node!r} sent a message to port {message.port!r}; its ports are "
                f"{sorted(self._topics)}. Name one of these in derive(to=...), or add it to the node's writes"
            )
        value, headers = self._codec.encode(topic, message.value, message.headers)
        return record_of((topic, encode_key(message.key), value, headers, UNASSIGNED, UNASSIGNED, 0))


def message_headers(headers: Headers) -> Headers:
    """Return what of a record's headers travels on with whatever is derived from it."""
    if len(headers) <= 1 and CONTENT_TYPE in headers:
        return NO_HEADERS
    return {name: value for name, value in headers.items() if name not in OWN_HEADERS}


def _topics_by_port(outputs: Mapping[str, str]) -> dict[str, str]:
    """Add the nameless port of a node that writes to one topic only."""
    if len(outputs) == 1:
        return {**outputs, "": next(iter(outputs.values()))}
    return dict(outputs)
