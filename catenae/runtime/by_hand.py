"""A change of State by hand: a record on what its node reads, so that it counts once, at its place there.

    control-state       the State's name, the constructor's parameter
    control-state-part  the sub-key, where a part of the key is meant
    control-state-by    who has asked for it

Key and value are those in State; without a value they are removed. Other nodes that read the topic skip it,
as they do what is replayed for one. What is changed is noted by the record itself and by a line in the log of
the instance, which names neither key nor value.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from catenae.errors import CatenaeError
from catenae.message import CONTROL, Message, Record
from catenae.runtime.dead_letters import ONLY_GROUP
from catenae.runtime.state import FencedState

logger = logging.getLogger(__name__)

STATE = CONTROL + "state"
PART = CONTROL + "state-part"
BY = CONTROL + "state-by"


class UnknownState(CatenaeError):
    """A change is of a State that the node does not have."""

    def __init__(self, node: str, state: str) -> None:
        self.node = node
        self.state = state
        super().__init__(f"node {node!r} has no State {state!r}; see `catenae state list`")


def headers_of(group: str, state: str, part: str | None, by: str) -> dict[str, bytes]:
    """Return what makes a record a change for one group."""
    texts = {ONLY_GROUP: group, STATE: state, BY: by} | ({} if part is None else {PART: part})
    return {name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()}


class ByHand:
    """Makes the changes of one node, within the State of the call."""

    def __init__(self, node: str, states: Sequence[FencedState[Any]]) -> None:
        self._node = node
        self._states: Mapping[str, FencedState[Any]] = {
            each.records.namespace.rpartition(".")[2]: each for each in states
        }

    @staticmethod
    def is_meant(record: Record) -> bool:
        """Say whether a record is a change."""
        return STATE in record.headers

    def change(self, message: Message, record: Record) -> None:
        """Make a change; raise what State does for a key that it cannot have, and `UnknownState`."""
        name, part, by = (
            None if text is None else text.decode("utf-8", "surrogatepass")
            for text in (record.headers.get(each) for each in (STATE, PART, BY))
        )
        state = self._states.get(name or "")
        if state is None:
            raise UnknownState(self._node, name or "")
        key: Any = message.key if part is None else (message.key, part)
        if message.value is not None:
            state[key] = message.value
        elif part is None:
            state.forget(key)
        elif key in state:
            del state[key]
        logger.info(
            "state changed by hand",
            extra={"node": self._node, "state": name, "record": record.id, "by": by},
        )
