"""What is asked of a process on the control channel: read in a thread of its own, carried out, answered."""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from catenae.clock import Clock
from catenae.deployment.control_acts import LASTING, WRITTEN_WITHIN_S, Answer, Request
from catenae.deployment.control_log import ControlLog, Requests
from catenae.errors import CatenaeError, TransientError, UnknownTopic

logger = logging.getLogger(__name__)

# Often enough for an answer within a second; a slow client of Kafka takes .7 % of a core for it.
LISTEN_EVERY_S = 0.35
# A channel that is closed to this process, or away, is tried again so often.
TRY_EVERY_S = 5.0
ENDS_WITHIN_S = 1.0


class Said(NamedTuple):
    """What comes of a request: the parts of an `Answer`."""

    is_done: bool
    effect: str
    figures: dict[str, float | str | None] = {}  # noqa: RUF012  a tuple of its own, which nobody changes
    lines: tuple[str, ...] = ()


class Asked(Protocol):
    """Who is asked."""

    node: str
    member: str

    def is_meant(self, request: Request) -> bool:
        """Say whether it is asked of this one."""

    def carry_out(self, request: Request, *, is_past: bool) -> Said:
        """Do what is asked.

        is_past  asked before this process began, and it lasts
        """

    def refused(self, reason: str) -> None:
        """Count a request that does not count."""

    def look(self) -> None:
        """See to what is over by now; called a few times a second."""


class Listener:
    """Listens in a thread while it is entered: to what is asked from then on, or from `begin` on.

    fail  is told what ends the thread: whoever stands on the channel must not go on without
    """

    def __init__(
        self, log: ControlLog, asked: Asked, clock: Clock, fail: Callable[[Exception], None] | None = None
    ) -> None:
        self._log = log
        self._asked = asked
        self._clock = clock
        self._fail = fail or self._ended
        self._failure: Exception | None = None
        self._requests = Requests(log)
        self._has_begun = False
        self._unsent: list[Answer] = []
        self._trouble = ""
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)

    def begin(self) -> None:
        """Take over what lasts of all that was asked. Raises `TransientError` while the broker is away.

        A channel that is closed to this process is no reason not to work: the log says so.
        """
        try:
            self._read(is_past=True)
            self._has_begun = True
        except TransientError:
            raise
        except CatenaeError as error:
            self._tell(error)

    def look(self) -> None:
        """Carry out and answer what has come."""
        self._asked.look()
        self._read(is_past=not self._has_begun)
        self._has_begun = True
        while self._unsent:
            self._log.answer(self._unsent[0])
            del self._unsent[0]

    def check(self) -> None:
        """Raise what has ended the thread, where nobody else was told."""
        if self._failure is not None:
            raise self._failure

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join(ENDS_WITHIN_S)

    def _run(self) -> None:
        pause_s = LISTEN_EVERY_S
        while not self._closing.wait(pause_s):
            try:
                self.look()
                pause_s, self._trouble = LISTEN_EVERY_S, ""
            except CatenaeError as error:
                pause_s = TRY_EVERY_S
                if not self._closing.is_set():
                    self._tell(error)
            except Exception as error:  # noqa: BLE001  whatever it is, it is handed on
                self._fail(error)
                return

    def _ended(self, error: Exception) -> None:
        self._failure = error

    def _read(self, *, is_past: bool) -> None:
        try:
            for found in self._requests.read():
                if found.request is None or found.refusal:
                    if not is_past:
                        self._refuse(found.refusal)
                else:
                    self._carry_out(found.request, found.written_ms, is_past=is_past)
        except UnknownTopic:
            self._log.create()

    def _carry_out(self, request: Request, written_ms: int, *, is_past: bool) -> None:
        lasts = isinstance(request.act, LASTING)
        if not self._asked.is_meant(request) or (is_past and not lasts):
            return
        late_s = self._clock.now_s() - written_ms / 1000
        if late_s > WRITTEN_WITHIN_S and not lasts:
            said = Said(is_done=False, effect=f"not done: it came {late_s:.0f} s late")
        else:
            said = self._asked.carry_out(request, is_past=is_past)
        if is_past and late_s > WRITTEN_WITHIN_S:
            # Who asked it of the process before this one may still wait for the answer, else nobody does.
            return
        logger.info("asked on the control channel", extra={"act": request.asks, "effect": said.effect})
        self._unsent.append(Answer(request.id, self._asked.node, self._asked.member, *said))

    def _refuse(self, reason: str) -> None:
        self._asked.refused(reason)
        logger.warning("request on the control channel refused", extra={"reason": reason})

    def _tell(self, error: CatenaeError) -> None:
        if str(error) != self._trouble:
            self._trouble = str(error)
            logger.warning(
                "nothing can be asked on the control channel",
                extra={"error": type(error).__name__, "reason": str(error)},
            )
