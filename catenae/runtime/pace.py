"""How many records to take at a time, so that slow handlers end a batch soon and fast ones fill it."""

FIRST_RECORDS = 4
GROWTH = 4


class Pace:
    """Adapts the size of the next batch to how long the last ones took."""

    def __init__(self, most_records: int, batch_s: float, at_once: int = 1) -> None:
        """Aim at batches of `batch_s` seconds, of `most_records` at most and `at_once` at least."""
        self._most_records = most_records
        self._batch_s = batch_s
        self._least_records = min(at_once, most_records)
        self.records = max(self._least_records, min(FIRST_RECORDS, most_records))

    def took(self, records: int, elapsed_s: float) -> None:
        """Note that handling and committing so many records took so long."""
        fitting = int(records * self._batch_s / max(elapsed_s, 1e-6))
        grown = min(fitting, self.records * GROWTH, self._most_records)
        self.records = max(
            self._least_records, grown if records >= self.records else min(fitting, self.records), 1
        )
