"""The contract of `Timers`, by which a node is woken; kept in State, see `catenae/runtime/timers.py`."""

from typing import Protocol


class Timers(Protocol):
    """Wakes a service for a key, at a moment, by a name; as exact as State is.

    Once a timer is due the service's `wake` is called: once, whatever is killed, moved or scaled meanwhile,
    and never before the moment. What is set or cancelled counts with the batch's commit, and with it alone. A
    key has as many timers as names, hundreds if need be; one that is set again is moved. Keys are the
    message's own, or as a `State` has them.
    """

    def set(
        self,
        key: str,
        name: str = "",
        *,
        after_s: float | None = None,
        at_ms: int | None = None,
        event_ms: int | None = None,
    ) -> None:
        """Wake the service for `key`, at one of three; those in milliseconds count from 1970 UTC.

        after_s   so long from now, by the clock
        at_ms     at that time of the clock; at once if it is over. A clock that is set takes it along
        event_ms  once a message of this key is of that event time or later; or, where none comes, once as
                  much time has passed as was left of it at the latest message: so it comes without one, too
        """

    def cancel(self, key: str, name: str = "") -> None:
        """Do not wake the service, also if it is due already; a timer that is not set is fine."""

    def moment_ms(self, key: str, name: str = "") -> int | None:
        """Return for which moment, of the clock or of event time, a timer is set; None if it is not."""
