"""From records to messages: the value by its content type, the key's text, the headers that travel on."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from msgspec import MsgspecError

from catenae.codec import Codec, decode_key, reads_json, reads_msgpack
from catenae.errors import CodecError
from catenae.message import CONTROL, ERASED, NO_HEADERS, UNASSIGNED, Headers, Key, Message, Record, message_of
from catenae.observability.tracing import continue_trace
from catenae.runtime.dead_letters import ONLY_GROUP, first_place
from catenae.runtime.encoder import message_headers
from catenae.runtime.event_time import EventField
from catenae.runtime.plan import Plan
from catenae.runtime.seal import NOBODYS, Seal, has_controls
from catenae.value_type import Misfit, ValueType

REPLAYED_FOR_ANOTHER = "replayed for another node"


@dataclass(slots=True)
class Decoded:
    """What some records are.

    messages  for this group, in order
    records   of each message the record
    starts    where messages begin whose records are of another partition than those before, and 0
    broken    records that cannot be decoded, with the error
    misfits   records whose value is of another type than declared, with why
    dropped   how many are not for this group, by reason
    unsealed  how many had control headers that are not from our own hand, and were taken without
    """

    messages: list[Message] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    starts: list[int] = field(default_factory=lambda: [0])
    broken: list[tuple[Record, CodecError]] = field(default_factory=list)
    misfits: list[tuple[Record, Misfit]] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    unsealed: int = 0

    def runs(self) -> Iterator[tuple[list[Message], list[Record]]]:
        """Yield messages and their records, those of one partition in a row together."""
        for start, end in pairwise([*self.starts, len(self.messages)]):
            if start < end:
                yield self.messages[start:end], self.records[start:end]


class Decoder:
    """Decodes what one node reads.

    value_type  of the messages that are handed over; None takes any
    """

    def __init__(
        self, plan: Plan, codec: Codec, seal: Seal = NOBODYS, value_type: ValueType | None = None
    ) -> None:
        self._codec = codec
        self._groups = plan.group_names
        self._is_traced = plan.is_traced
        self._external = plan.external
        self._seal = seal
        self._value_type = value_type
        self._timers = plan.timers
        # Whether the running batch has values that are not of the type yet.
        self._reads_untyped = False
        self._event_fields = {
            each.topic: field for each in plan.inputs if (field := EventField.of(each)) is not None
        }

    def decode(self, records: Sequence[Record]) -> Decoded:
        """Return what the records are; it raises only what the broker does where a seal is needed."""
        decoded = self._read(records)
        if self._event_fields and decoded.messages:
            self._change_each(decoded, self._dated)
        if self._value_type is not None and self._reads_untyped and decoded.messages:
            self._fit(decoded, self._value_type)
        return decoded

    def _read(self, records: Sequence[Record]) -> Decoded:  # noqa: C901  the hottest loop, in one piece
        decoded = Decoded()
        messages, add_message, add_record = decoded.messages, decoded.messages.append, decoded.records.append
        last_topic, last_partition = "", UNASSIGNED
        known: Headers | None = None
        is_replayed = False
        refused, travelling, read = self._look_at("", NO_HEADERS)
        self._reads_untyped = False
        for record in records:
            topic, key, value, headers, partition, offset, timestamp_ms = record
            if partition != last_partition or topic != last_topic:
                decoded.starts.append(len(messages))
                last_topic, last_partition, known = topic, partition, None
            # Records written together share their headers.
            if headers is not known:
                known = headers
                if topic in self._external and has_controls(headers):
                    known = None
                    record = self._seal.honoured(record)  # noqa: PLW2901  as it counts, also as a dead letter
                    decoded.unsealed += record.headers is not headers
                    headers = record.headers
                is_replayed = ONLY_GROUP in headers
                refused, travelling, read = self._look_at(topic, headers)
            if refused:
                decoded.dropped[refused] += 1
                continue
            try:
                if value is None:
                    self._reads_untyped = True
                else:
                    value = read(value)
            except CodecError as error:
                decoded.broken.append((record, error))
                continue
            except Misfit as misfit:
                decoded.misfits.append((record, misfit))
                continue
            if self._is_traced:
                travelling = message_headers(continue_trace(record))
            text: Key = None if key is None else decode_key(key)
            if is_replayed and (first := first_place(headers)) is not None:
                (topic, partition), offset = first
            add_message(
                message_of((value, text, "", travelling, None, "", topic, partition, offset, timestamp_ms))
            )
            add_record(record)
        return decoded

    def _fit(self, decoded: Decoded, value_type: ValueType) -> None:
        """Give messages the values of their type, and take out those whose value does not fit."""
        messages = decoded.messages
        has_others = any(each.headers and self._is_untyped(each) for each in messages)
        fitted = None if has_others else value_type.of_each([each.value for each in messages])
        if fitted is None:
            self._change_each(
                decoded,
                lambda each: (
                    each if self._is_untyped(each) else each._replace(value=value_type.of(each.value))
                ),
            )
            return
        decoded.messages = [
            message_of((value, *each[1:])) for value, each in zip(fitted, messages, strict=True)
        ]

    def _is_untyped(self, message: Message) -> bool:
        """Say whether a message says something else than values do: what to do, or that a timer is due."""
        return message.is_control or message.topic == self._timers

    def _dated(self, message: Message) -> Message:
        """Return a message with the event time that a field of its value says; raise `Misfit`."""
        field = self._event_fields.get(message.topic)
        if field is None or message.value is None or message.is_control:
            return message
        return message.at(field.event_ms(message.value))

    @staticmethod
    def _change_each(decoded: Decoded, change: Callable[[Message], Message]) -> None:
        """Replace messages, and take out those for which that raises `Misfit`."""
        messages, records = decoded.messages, decoded.records
        decoded.messages, decoded.records = [], []
        begins, starts = set(decoded.starts), [0]
        for place, (message, record) in enumerate(zip(messages, records, strict=True)):
            if place in begins:
                starts.append(len(decoded.messages))
            try:
                changed = change(message)
            except Misfit as misfit:
                decoded.misfits.append((record, misfit))
                continue
            decoded.messages.append(changed)
            decoded.records.append(record)
        decoded.starts = starts

    def _look_at(self, topic: str, headers: Headers) -> tuple[str, Headers, Callable[[bytes], Any]]:
        """Return why records with these headers are dropped or "", what travels on, and how they are read."""
        refused = self._refused(headers)
        try:
            read = self._codec.reader(topic, headers)
        except CodecError:
            return refused, message_headers(headers), lambda _: self._codec.reader(topic, headers)
        return refused, message_headers(headers), self._typed(topic, headers, read)

    def _typed(self, topic: str, headers: Headers, read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        """Return what reads values into the declared type at once, where nothing else is asked of them."""
        value_type = self._value_type
        if (
            value_type is None
            or topic in self._event_fields
            or topic == self._timers
            or any(name.startswith(CONTROL) for name in headers)
            or (at_once := _at_once(value_type, read)) is None
        ):
            self._reads_untyped = True
            return read

        def read_typed(data: bytes) -> Any:
            try:
                return at_once(data)
            except (MsgspecError, ValueError, RecursionError):
                # In two steps, so that what is wrong with it is said in one way.
                return value_type.of(read(data))

        return read_typed

    def _refused(self, headers: Headers) -> str:
        if ERASED in headers:
            return "erased"
        group = headers.get(ONLY_GROUP)
        return REPLAYED_FOR_ANOTHER if group is not None and group not in self._groups else ""


def _at_once(value_type: ValueType, read: Callable[[bytes], Any]) -> Callable[[bytes], Any] | None:
    """Return what does in one step what `read` and then `ValueType.of` do; None where nothing does."""
    if reads_msgpack(read):
        return value_type.of_msgpack
    return value_type.of_json if reads_json(read) else None
