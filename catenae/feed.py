"""What a thread reads from outside, on its way into a Source: bounded, and its end is never hidden."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Generic, Self, TypeVar

from catenae.errors import TransientError
from catenae.message import Message

logger = logging.getLogger(__name__)

T = TypeVar("T")

# How long a Source may be silent, and so how late either side notices the end of the other.
STEP_S = 0.5
# More of a thing that is set aside would not fit into a record everywhere.
MOST_KEPT = 256 * 1024


class FeedClosed(Exception):
    """Nobody takes what is read any more. It ends the thread, and is no failure."""


class Feed(Generic[T]):
    """A thread that waits for the outside, so that a Source need not; one for each call of `generate`.

        def generate(self, position: Any) -> Iterator[Message | None]:
            with Feed(self._read) as self._feed:
                yield from self._feed.messages(self._message_of)

        def obstacle(self) -> str:
            return self._feed.obstacle

    read          is called with this feed, in the thread: it waits, and puts what comes
    most_waiting  so many things are read ahead; a topology that is slow slows the reading
    clock         seconds since some moment

    What `read` raises, `messages` raises, after all that was put before: the runtime retries or ends the
    instance, as with any other error of a Source. When `read` returns, the Source is exhausted.

    obstacle  set by `read`: why nothing can come at the moment, in a few fixed words; "" where it could
    """

    def __init__(
        self,
        read: Callable[["Feed[T]"], None],
        most_waiting: int = 1000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._clock = clock
        self._things: queue.Queue[T] = queue.Queue(most_waiting)
        self._closing = threading.Event()
        self._ended = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)
        self.obstacle = "not connected yet"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the reading; does not wait for long for a `read` that does not look whether it is to end."""
        self._closing.set()
        self._thread.join(2 * STEP_S)

    @property
    def is_closing(self) -> bool:
        """Whether `read` is to return."""
        return self._closing.is_set()

    def put(self, thing: T) -> None:
        """Hand a thing over, from the thread; blocks while too many wait. Raises FeedClosed."""
        while not self._closing.is_set():
            try:
                self._things.put(thing, timeout=STEP_S)
            except queue.Full:
                continue
            return
        raise FeedClosed

    def pause(self, pause_s: float) -> None:
        """Wait in the thread, until it is to end at most."""
        self._closing.wait(pause_s)

    def messages(self, message_of: Callable[[T], Message | None]) -> Iterator[Message | None]:
        """Yield what becomes of each thing, in order, and None where there is nothing for half a second.

        message_of  returns the message of a thing, or None if it is to be passed over. Whatever it raises,
                    but for a TransientError, is the fault of that thing alone, which is set aside as it came.
        """
        heard_s = self._clock()
        while True:
            has_ended = self._ended.is_set()
            message = None
            try:
                thing = self._things.get(timeout=0 if has_ended else STEP_S)
            except queue.Empty:
                if has_ended:
                    return self._end()
            else:
                message = _converted(thing, message_of)
                if message is None and self._clock() - heard_s < STEP_S:
                    continue
            yield message
            heard_s = self._clock()

    def _run(self) -> None:
        try:
            self._read(self)
        except FeedClosed:
            return
        except BaseException as error:  # noqa: BLE001  whatever it is, the thread that asks has to know
            self._failure = error
        finally:
            self._ended.set()

    def _end(self) -> None:
        if self._failure is not None:
            raise self._failure


def _converted(thing: T, message_of: Callable[[T], Message | None]) -> Message | None:
    try:
        return message_of(thing)
    except TransientError:
        raise
    except Exception as error:  # noqa: BLE001  nobody knows what may come; the next thing is another one
        reason = type(error).__name__
        logger.error("event set aside", extra={"reason": reason})
        return Message(_shortened(thing), rejected=reason)


def _shortened(thing: Any) -> Any:
    return thing[:MOST_KEPT] if isinstance(thing, str | bytes) else thing
