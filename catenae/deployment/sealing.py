"""The key of a deployment: on a topic of the broker, where everybody who runs it finds it and nobody else.

Whoever may only write to external topics can neither read nor write this one. So there is nothing to hand
out, on one machine or on many, and it is as safe as the topics that outsiders cannot write.
"""

import secrets

from catenae.broker import Broker, TopicSpec
from catenae.clock import Clock, SystemClock
from catenae.errors import BrokerUnavailable
from catenae.message import Record
from catenae.runtime.seal import KEY_BYTES, Seal

KEY_TOPIC = "catenae.seal"
LOOKS = 50
LOOK_EVERY_S = 0.2


def seal_of(broker: Broker, clock: Clock | None = None, topic: str = KEY_TOPIC) -> Seal:
    """Return the seal whose key is on a topic; it is read, or made, when it is first needed.

    That of the deployment unless another topic is named.
    """
    return Seal(_Key(broker, clock or SystemClock(), topic))


class _Key:
    """The first record of the topic, whoever wrote it: of several that are made at once, one counts."""

    def __init__(self, broker: Broker, clock: Clock, topic: str) -> None:
        self._broker = broker
        self._clock = clock
        self._topic = topic
        self._found: bytes | None = None

    def __call__(self) -> bytes:
        if self._found is None:
            self._broker.create_topics([TopicSpec(self._topic, 1)])
            self._found = self._read() or self._made()
        return self._found

    def _made(self) -> bytes:
        made = secrets.token_bytes(KEY_BYTES)
        self._broker.append([Record(self._topic, None, made, partition=0)])
        for _ in range(LOOKS):
            found = self._read()
            if found is not None:
                return found
            self._clock.sleep(LOOK_EVERY_S)
        raise BrokerUnavailable(f"the broker has taken the key of {self._topic!r} and does not show it")

    def _read(self) -> bytes | None:
        start = self._broker.spans(self._topic)[0].start
        found = self._broker.read(self._topic, 0, start, 1)
        return found[0].value if found else None
