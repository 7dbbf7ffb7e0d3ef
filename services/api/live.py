"""Live updates: what changes in the documents, told to every page that is open.

One thread looks, however many pages there are, and makes each message once for all who may see the same. The
documents are the only thing that replicas of this server have in common, so they are looked at, not told.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from catenae import Document, TransientError
from services.api.alerts import OVERLAP_MS, Alerts
from services.api.forgetting import Forgetting
from services.api.sign_in.sessions import Session, Sessions
from services.api.statistics import STEP_S, Statistics

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.25
# So many messages may wait for a page; a slower one has to come again.
MOST_WAITING = 64
MOST_AT_ONCE = 500
MOST_PAGES = 20
# So many looks that fail one after the other are no accident.
MOST_FAILURES = 4
SIGNED_OUT, TOO_SLOW = 4401, 1013


@dataclass(eq=False)
class Listener:
    """A page that is open: what waits to be sent to it, the code to close it with in place of a text."""

    session: Session
    loop: asyncio.AbstractEventLoop
    waiting: "asyncio.Queue[str | int]" = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))

    def put(self, message: str | int) -> None:
        """Have a message sent, or the page closed; from the event loop's thread."""
        if self.waiting.full():
            while not self.waiting.empty():
                self.waiting.get_nowait()
            message = TOO_SLOW
        self.waiting.put_nowait(message)


class Listeners:
    """All open pages. Thread-safe."""

    def __init__(self) -> None:
        self._open: set[Listener] = set()
        self._lock = threading.Lock()

    def add(self, listener: Listener) -> None:
        """Let a page hear what is told from now on."""
        with self._lock:
            self._open.add(listener)

    def remove(self, listener: Listener) -> None:
        """Forget a page that is gone."""
        with self._lock:
            self._open.discard(listener)

    def sessions(self) -> set[str]:
        """Return the ids of the sessions that have a page open."""
        with self._lock:
            return {each.session.id for each in self._open}

    def accounts(self) -> set[str]:
        """Return the names of those who have a page open."""
        with self._lock:
            return {each.session.name for each in self._open}

    def pages(self, session_id: str) -> int:
        """Return how many pages a session has open."""
        with self._lock:
            return sum(each.session.id == session_id for each in self._open)

    def renew(self, session_id: str, session: Session) -> None:
        """Have the pages of a session go on as another one's."""
        with self._lock:
            for each in self._open:
                if each.session.id == session_id:
                    each.session = session

    def tell(self, message: str, accounts: Collection[str] | None = None) -> None:
        """Tell every page, or those of some accounts."""
        self._put(message, lambda listener: accounts is None or listener.session.name in accounts)

    def close(self, session_ids: Iterable[str]) -> None:
        """Close the pages of sessions that have ended."""
        ended = set(session_ids)
        self._put(SIGNED_OUT, lambda listener: listener.session.id in ended)

    def _put(self, message: str | int, is_meant: Callable[[Listener], bool]) -> None:
        with self._lock:
            meant = [each for each in self._open if is_meant(each)]
        for listener in meant:
            # The loop is closed once the server stops.
            if not listener.loop.is_closed():
                listener.loop.call_soon_threadsafe(listener.put, message)


class Watch:
    """Looks at the documents, and tells what has changed."""

    def __init__(
        self,
        alerts: Alerts,
        forgetting: Forgetting,
        statistics: Statistics,
        sessions: Sessions,
        listeners: Listeners,
        note: Callable[[Iterable[str], Iterable[str]], None],
    ) -> None:
        """`note` writes down which accounts are shown which users, before they are."""
        self._note = note
        self._alerts = alerts
        self._forgetting = forgetting
        self._statistics = statistics
        self._sessions = sessions
        self._listeners = listeners
        self._told: dict[str, tuple[int, int]] = {}
        self._forgotten: set[str] = set()
        self._since_ms = 0
        self._looked_at_s = 0.0
        self._failures = 0
        self._stop = threading.Event()

    def run(self, now_s: Callable[[], float]) -> None:
        """Look until told to stop."""
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self.look(now_s())
                self._failures = 0
            except TransientError as error:
                logger.warning("look failed", extra={"error": type(error).__name__})
            except Exception as error:  # noqa: BLE001  whatever there is to see, this thread must go on looking
                self._failures += 1
                logger.error("look failed", extra={"error": type(error).__name__})

    def obstacle(self) -> str:
        """Say that nobody is told of anything, where that is so; "" where it is not."""
        return "live updates fail" if self._failures >= MOST_FAILURES else ""

    def stop(self) -> None:
        """End `run` soon."""
        self._stop.set()

    def look(self, now_s: float) -> None:
        """Tell what has changed since the last look: nothing at the first, nobody if nobody listens."""
        now_ms = int(now_s * 1000)
        is_first = self._since_ms == 0
        if is_first:
            self._since_ms = now_ms
        if self._listeners.sessions() or is_first:
            self._tell_alerts(silently=is_first)
            self._tell_forgotten(now_ms, silently=is_first)
        else:
            # Who comes later loads the lists first.
            self._since_ms = now_ms
        if now_s - self._looked_at_s >= STEP_S:
            self._looked_at_s = now_s
            self._statistics.look(now_s)
            self._alerts.wake(now_ms)
            self._tell_statistics(now_ms)

    def _tell_alerts(self, *, silently: bool) -> None:
        found = self._alerts.changed_since(self._since_ms)
        new = [each for each in found if self._told.get(each["id"]) != _state(each)]
        if found:
            self._since_ms = max(self._since_ms, found[-1]["changed_ms"])
        self._told = {
            each["id"]: _state(each) for each in found if each["changed_ms"] >= self._since_ms - OVERLAP_MS
        }
        if new and not silently:
            self._tell_new(new)

    def _tell_new(self, new: Sequence[Document]) -> None:
        """Tell each account of alerts what it may see of them."""
        for accounts in self._alerts.alike(self._listeners.accounts()):
            one_of_them = next(iter(accounts), "")
            counts = self._alerts.counts(one_of_them).model_dump()
            answers = self._alerts.answers(new, one_of_them)
            self._note(accounts, [each.user for each in answers])
            alerts = [each.model_dump() for each in answers]
            for start in range(0, len(alerts), MOST_AT_ONCE):
                some = alerts[start : start + MOST_AT_ONCE]
                message = json.dumps({"type": "alerts", "alerts": some, "counts": counts})
                self._listeners.tell(message, accounts)

    def _tell_forgotten(self, now_ms: int, *, silently: bool) -> None:
        done = set(self._forgetting.done_since(now_ms - 2 * OVERLAP_MS))
        new = sorted(done - self._forgotten)
        self._forgotten = done
        if new and not silently:
            self._listeners.tell(json.dumps({"type": "forgotten", "users": new}))

    def _tell_statistics(self, now_ms: int) -> None:
        open_sessions = self._listeners.sessions()
        if not open_sessions:
            return
        self._listeners.close(open_sessions - self._sessions.alive(open_sessions, now_ms))
        statistics = self._statistics.now().model_dump()
        self._listeners.tell(json.dumps({"type": "statistics", **statistics}))


def _state(alert: Document) -> tuple[int, int]:
    """Return what tells two states of an alert apart, also of two that it had within a millisecond."""
    return alert["changed_ms"], alert.get("review_version", 0)
