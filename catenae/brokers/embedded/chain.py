"""Sessions of several groups that commit in one transaction, and hand on what is not written yet."""

import itertools
from collections.abc import Mapping, Sequence

from catenae.broker import Batch, Input
from catenae.brokers.embedded.ahead import Ahead, Overtaken, Readers
from catenae.brokers.embedded.log import Block
from catenae.brokers.embedded.session import EmbeddedSession
from catenae.brokers.embedded.shared import SharedLog
from catenae.chain import Part
from catenae.message import Record

# For so long a topic into which others write too is read as ever: each time they do, a commit would fail.
NOT_AHEAD_S = 60.0

Blocks = Mapping[str, Sequence[Block]]


class EmbeddedChain:
    """A `Chain` on the embedded log.

    inputs  of each session
    """

    def __init__(
        self, shared: SharedLog, sessions: Sequence[EmbeddedSession], inputs: Sequence[Sequence[Input]]
    ) -> None:
        self._shared = shared
        self._sessions = sessions
        self._readers: dict[str, list[int]] = {}
        for number, several in enumerate(inputs):
            for each in several:
                if each.is_read and each.delay_s == 0:
                    self._readers.setdefault(each.topic, []).append(number)
        self._not_before_s: dict[str, float] = {}
        self._turns = itertools.count()
        self._staged: list[Record] = []
        self._ahead: Ahead | None = None

    @property
    def sessions(self) -> Sequence[EmbeddedSession]:
        return self._sessions

    def begin(self) -> None:
        if self._ahead is not None:
            for each in self._sessions:
                each.begin_anew()
        self._forget()

    def pass_on(self, link: int, outputs: Sequence[Record]) -> Sequence[Batch]:
        if self._ahead is None:
            self._ahead = Ahead(self._shared.stamp(), self._sessions, self._open_readers())
        with self._shared.read() as log:
            placed, handed = self._ahead.place(log, link, outputs, next(self._turns))
        self._staged += placed
        return [each.hand_over(handed.get(number, ())) for number, each in enumerate(self._sessions)]

    def commit(self, parts: Sequence[Part]) -> None:
        try:
            pairs = list(zip(self._sessions, parts, strict=True))
            moves = [session.moves(part.batches, part.notes) for session, part in pairs]
            blocks = self._shared.encode([*self._staged, *(each for part in parts for each in part.outputs)])
            with self._shared.write() as log:
                for (session, _), positions in zip(pairs, moves, strict=True):
                    session.move(log, positions)
                if self._ahead is None:
                    self._shared.append(log, blocks)
                else:
                    self._ahead.require_ends(log)
                    first, others = _parted(blocks, self._ahead)
                    self._shared.append(log, first, self._ahead.stamp)
                    self._shared.append(log, others)
        except BaseException as error:
            if isinstance(error, Overtaken):
                self._not_before_s[error.topic] = self._shared.clock.monotonic_s() + NOT_AHEAD_S
            for each in self._sessions:
                each.doubt()
            self._forget()
            raise
        for (session, part), positions in zip(pairs, moves, strict=True):
            session.moved(part.batches, positions, blocks)
        self._forget()

    def close(self) -> None:
        for each in self._sessions:
            each.close()

    def _forget(self) -> None:
        self._staged, self._ahead = [], None

    def _open_readers(self) -> Readers:
        """Return who reads which topic, without those into which others have written of late."""
        now_s = self._shared.clock.monotonic_s()
        return {
            topic: readers
            for topic, readers in self._readers.items()
            if self._not_before_s.get(topic, now_s) <= now_s
        }


def _parted(blocks: Blocks, ahead: Ahead) -> tuple[Blocks, Blocks]:
    """Return the blocks of partitions of which something was handed over, and all others."""
    places = ahead.places
    first: dict[str, list[Block]] = {}
    others: dict[str, list[Block]] = {}
    for topic, some in blocks.items():
        for block in some:
            kind = first if (topic, block.partition) in places else others
            kind.setdefault(topic, []).append(block)
    return first, others
