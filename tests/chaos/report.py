"""What came of a trial."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.chaos.trial import Trial
from tests.chaos.verdict import Verdict


@dataclass(frozen=True)
class Report:
    """What came of a trial.

    verdict  None of a trial that was over before all was there that is judged
    mishaps  how many there were of each kind
    ends     how `catenae up` and `catenae migrate` have ended where they should not have
    lag      what was not handled in the time there is; empty where everything was
    refused  how many messages the broker did not acknowledge, and so need not be there
    untold   how many transactions Kafka has ended without telling all of their partitions
    seconds  from the first mishap to the last
    """

    trial: Trial
    verdict: Verdict | None
    mishaps: Mapping[str, int]
    ends: Sequence[str]
    lag: Sequence[str]
    refused: int
    untold: int
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether all is as promised."""
        return self.verdict is not None and not (self.verdict.faults or self.ends or self.lag)

    @property
    def is_void(self) -> bool:
        """Whether what does not hold may be of transactions that Kafka itself has left hanging."""
        return not self.holds and self.untold > 0

    def lines(self) -> Iterator[str]:
        """Yield what is to be said of it."""
        yield f"{self.trial.name()}: {self._came()}"
        yield f"  mishaps: {_counts(self.mishaps) or 'none'}"
        yield f"  {self.refused:,} not acknowledged; {self.seconds:.0f} s of mishaps"
        if self.untold:
            yield f"  {self.untold} transactions were ended by Kafka without telling all of their partitions"
        if self.verdict is not None:
            yield from (f"  {line}" for line in self.verdict.lines())
        yield from (f"  not handled: {line}" for line in self.lag)
        yield from (f"  ended: {line}" for line in self.ends)

    def _came(self) -> str:
        if self.verdict is None:
            return "over before its time, so nothing was counted"
        came = _counts(self.verdict.by_kind()) or "each there, once and right"
        return f"{self.verdict.entered:,} in, {self.verdict.expected:,} expected of them: {came}"


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in numbers.items())
