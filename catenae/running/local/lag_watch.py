"""How far the nodes are behind, asked in a thread of its own: a broker that is slow holds up nothing else."""

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import NamedTuple

from catenae.deployment.lag import Lag
from catenae.errors import CatenaeError

# An embedded broker, and a Kafka that is well, have answered by then.
ANSWERS_WITHIN_S = 0.2
CLOSES_WITHIN_S = 1.0


class Answer(NamedTuple):
    """What was found.

    are_finished  what the asker said when the question was put: the answer is of a later moment
    """

    are_finished: bool
    lags: Sequence[Lag]


class LagWatch:
    """Puts one question at a time. Not thread-safe.

    ask  finds the lag of every node; called in the thread
    """

    def __init__(self, ask: Callable[[], Sequence[Lag]]) -> None:
        self._ask = ask
        self._asked: bool | None = None
        self._questions: SimpleQueue[Callable[[], Sequence[Lag]] | None] = SimpleQueue()
        self._answers: SimpleQueue[Sequence[Lag] | Exception] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="lag", daemon=True)
        self._thread.start()

    def look(self, *, are_finished: bool, within_s: float = ANSWERS_WITHIN_S) -> Answer | None:
        """Return the answer to the question that was put last, or is put now; None where it takes longer.

        Raises what was raised in place of an answer.
        """
        if self._asked is None:
            self._asked = are_finished
            self._questions.put(self._ask)
        try:
            found = self._answers.get(timeout=within_s)
        except Empty:
            return None
        asked, self._asked = self._asked, None
        if isinstance(found, Exception):
            raise found
        return Answer(asked, found)

    def close(self) -> None:
        """End the thread, or leave it to the question that it waits for."""
        self._questions.put(None)
        self._thread.join(CLOSES_WITHIN_S)

    def _run(self) -> None:
        while (ask := self._questions.get()) is not None:
            try:
                self._answers.put(ask())
            except CatenaeError as error:
                self._answers.put(error)
