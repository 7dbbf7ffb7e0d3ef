"""Handling one batch in several threads, so that of each partition what counts is whole up to some record."""

from collections.abc import Sequence

from catenae.errors import TransientError
from catenae.message import Message, Record, TopicPartition
from catenae.runtime.call import PLATFORM_ERRORS, Call
from catenae.runtime.judge import Judge, Pair
from catenae.runtime.lanes import Lanes
from catenae.runtime.outcome import Hold, Outcome
from catenae.runtime.trials import Trials

Made = Outcome | TransientError | None


class SideBySide:
    """One batch. Messages of one key are handled in order; a partition ends where one of its messages failed.

    What was handled beyond that counts for nothing and comes again. Where it has changed State, all that this
    batch has changed for its partition number is taken back, and what counts is handled once more.
    """

    def __init__(self, call: Call, judge: Judge, trials: Trials, lanes: Lanes) -> None:
        self._call = call
        self._judge = judge
        self._trials = trials
        self._lanes = lanes
        self._messages: Sequence[Message] = ()
        self._records: Sequence[Record] = ()
        self._places: list[TopicPartition] = []
        self._results: dict[int, Outcome] = {}
        self._judged: set[int] = set()
        self._held: dict[TopicPartition, Hold] = {}

    def handle(self, messages: Sequence[Message], records: Sequence[Record]) -> Outcome:
        """Return what the messages become, in their order, but for those of partitions that are held."""
        self._messages, self._records = messages, records
        self._places = [TopicPartition(each.topic, each.partition) for each in records]
        tried = self._try_those_that_wait()
        self._run([index for index in range(len(records)) if index not in tried and self._counts(index)])
        outcome = Outcome(held=self._held)
        # In the order in which they were handled, which is that of State: a message that waited came first.
        for result in self._results.values():
            outcome.add(result)
        return outcome

    def _try_those_that_wait(self) -> set[int]:
        """Hand over the first message of each partition that waits; in an outage until one has failed."""
        heads: dict[TopicPartition, int] = {}
        for index, place in enumerate(self._places):
            heads.setdefault(place, index)
        is_outage = self._trials.is_outage
        tried = set()
        for place in [each for each in heads if is_outage or each in self._trials.waiting]:
            if is_outage and self._held:
                pause_s = max(each.pause_s for each in self._held.values())
                self._held[place] = Hold(self._records[heads[place]].offset, pause_s)
                continue
            is_retry = place in self._trials.waiting
            tried.add(heads[place])
            self._run([heads[place]])
            if heads[place] in self._results:
                self._trials.ended(place)
                self._results[heads[place]].retries += is_retry
            is_outage = self._trials.is_outage
        return tried

    def _run(self, indices: Sequence[int]) -> None:
        """Handle messages, and what is to be handled once more because others failed."""
        made = self._made(indices)
        failures: dict[TopicPartition, int] = {}
        for index, result in made.items():
            if isinstance(result, TransientError):
                place = self._places[index]
                failures[place] = min(failures.get(place, index), index)
        for place, index in failures.items():
            self._decide(place, index, made[index])
        self._results |= {index: each for index, each in made.items() if isinstance(each, Outcome)}
        succeeded = sum(isinstance(each, Outcome) and not each.dead for each in made.values())
        if succeeded:
            self._trials.succeeded(succeeded)
        self._leave_out()

    def _made(self, indices: Sequence[int]) -> dict[int, Made]:
        """Call for each message; None stands for one that came too late to count."""
        failed: dict[TopicPartition, int] = {}

        def make(position: int) -> Made:
            index = indices[position]
            message, record = self._messages[index], self._records[index]
            if record.offset > failed.get(self._places[index], record.offset):
                return None
            try:
                return self._call.make([message], [record])
            except PLATFORM_ERRORS:
                raise
            except TransientError as error:
                # At worst another thread's later one takes its place, and more than need be is handled.
                failed[self._places[index]] = record.offset
                return error
            except Exception as error:  # noqa: BLE001  an author's bug of any kind concerns this message only
                return self._call.set_aside(record, error)

        results = self._lanes.run(make, [self._records[index].key for index in indices])
        return dict(zip(indices, results, strict=True))

    def _decide(self, place: TopicPartition, index: int, error: Made) -> None:
        assert isinstance(error, TransientError)  # noqa: S101  only these are decided on
        record = self._records[index]
        behind: list[Pair] = [
            (self._messages[later], self._records[later])
            for later in range(index + 1, len(self._records))
            if self._places[later] == place
        ]
        judged = self._judge.failed(record, error, behind)
        if judged.held:
            self._held |= judged.held
        else:
            self._results[index] = judged
            self._judged.add(index)
            self._held[place] = Hold(record.offset + 1, 0.0)

    def _leave_out(self) -> None:
        """Forget what was handled beyond the end of partitions; State as well."""
        beyond = [index for index in self._results if not self._counts(index)]
        for index in beyond:
            del self._results[index]
        if not beyond or not self._call.keeps_state:
            return
        numbers = {self._places[index].partition for index in beyond}
        for number in numbers:
            self._call.take_back(number)
        again = [
            index
            for index in sorted(self._results)
            if self._places[index].partition in numbers and index not in self._judged
        ]
        for index in again:
            del self._results[index]
        self._run(again)

    def _counts(self, index: int) -> bool:
        hold = self._held.get(self._places[index])
        return hold is None or self._records[index].offset < hold.offset
