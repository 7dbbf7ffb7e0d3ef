"""Carrying out requests to forget: what a node keeps of a key goes, and the request goes on.

A request is a record with the control header `control-forget`, keyed by what is to be forgotten. It keeps its
place among the key's other records: whatever came before it, waiting or not, is handled before it and gone
after it, here and in every node that it reaches. It goes by each output that another node may read, or that
comes back to one with State, and tells in a header of its own by which nodes it has come. So a cycle ends
where it began, unless something was kept there anew meanwhile: of a message that has waited, in an input with
a delay, and goes round the cycle. Then the request goes round once more, behind it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from catenae.message import CONTROL, Message, Record
from catenae.microservice import Leaf, Middle
from catenae.runtime.plan import Plan
from catenae.runtime.state import FencedState
from catenae.store import Documents

# By which nodes a request has come, with commas in between.
VIA = f"{CONTROL}forget-via"
_AT_ONCE = 1000

Handled = Callable[[list[Message], list[Record]], Iterable[Message]]


class Personal:
    """Documents that go with a key: in each collection those that name it in a field.

    fields  collection → field
    """

    def __init__(self, documents: Documents | None, fields: Mapping[str, str]) -> None:
        self._documents = documents
        self._fields = fields

    def forget(self, key: str) -> None:
        """Delete the documents of a key."""
        if self._documents is None:
            return
        for collection, field in self._fields.items():
            where = {field: key}
            while found := self._documents.find(collection, where, limit=_AT_ONCE, fields=["id"]).documents:
                self._documents.delete(collection, [each["id"] for each in found])


NOTHING_PERSONAL = Personal(None, {})


class Forgetting:
    """Carries out requests in one node, within the State of the call. Thread-safe where the service is."""

    def __init__(
        self, service: Middle | Leaf, plan: Plan, states: Sequence[FencedState[Any]], personal: Personal
    ) -> None:
        self._service = service
        self._states = states
        self._personal = personal
        self._name = plan.group.encode()
        self._ports = (*plan.passes, *(plan.returns if states else ()))

    def call(
        self,
        handled: Handled,
        messages: Sequence[Message],
        records: Sequence[Record],
        *,
        is_repeat: bool,
    ) -> Iterator[Message]:
        """Yield what comes of messages in their order: of requests here, of all others by `handled`.

        is_repeat  they are handled for State alone: what they did elsewhere has been done
        """
        pairs = zip(messages, records, strict=True)
        for is_to_forget, some in groupby(pairs, key=lambda pair: pair[0].is_to_forget):
            of_messages, of_records = map(list, zip(*some, strict=True))
            if not is_to_forget:
                yield from handled(of_messages, of_records)
                continue
            for request in of_messages:
                yield from self._forget(request, is_repeat=is_repeat)

    def _forget(self, request: Message, *, is_repeat: bool) -> Iterator[Message]:
        returned: Iterable[Message] = ()
        is_kept = any(request.key in state or state.items(request.key) for state in self._states)
        if isinstance(self._service, Leaf):
            self._service.forget(request)
        else:
            returned = list(self._service.forget(request))
        for state in self._states:
            state.forget(request.key)
        if not is_repeat:
            self._personal.forget(request.key)
        for message in returned:
            # To a port that it names itself a service sends what it likes, as ever.
            if message.is_to_forget and not message.port:
                yield from self._passed(message, again=is_kept)
            else:
                yield message

    def _passed(self, request: Message, *, again: bool) -> Iterator[Message]:
        via = request.headers.get(VIA, b"")
        if self._name in via.split(b","):
            if not again:
                return
            via = b""
        headers = {**request.headers, VIA: b",".join(filter(None, (via, self._name)))}
        for port in self._ports:
            yield request.derive(request.value, to=port)._replace(headers=headers)
