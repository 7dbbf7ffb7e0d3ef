"""When that happened of which a value tells, as one of its fields says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from catenae.broker import Input
from catenae.message import LATEST_EVENT_MS
from catenae.value_type import Misfit


class EventField:
    """The field of an input's values that has their event time: a number, or a date and time as ISO 8601."""

    def __init__(self, field: str, unit_ms: int) -> None:
        self._field = field
        self._unit_ms = unit_ms

    @classmethod
    def of(cls, declared: Input) -> "EventField | None":
        """Return that of an input, None where it declares none."""
        field = declared.event_ms or declared.event_s
        return cls(field, 1 if declared.event_ms else 1000) if field else None

    def event_ms(self, value: Any) -> int:
        """Return what a value says in milliseconds since 1970 UTC; raise `Misfit` where it says nothing."""
        said = value.get(self._field) if isinstance(value, Mapping) else None
        if isinstance(said, str):
            said = _read(said)
        if isinstance(said, datetime):
            # As ISO 8601 has it, a time without an offset is local; whose, nobody here can know.
            aware = said if said.tzinfo is not None else said.replace(tzinfo=UTC)
            return round(aware.timestamp() * 1000)
        if isinstance(said, int | float) and not isinstance(said, bool):
            moment_ms = said * self._unit_ms
            if abs(moment_ms) <= LATEST_EVENT_MS:
                return round(moment_ms)
        raise Misfit(f"value has no event time: $.{self._field}")


def _read(said: str) -> datetime | None:
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return None
