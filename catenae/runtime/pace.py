"""How many records to take at a time, so that slow handlers end a batch soon and fast ones fill it."""

FIRST_RECORDS = 4
GROWTH = 4
# So much longer than handling a commit may take: most of it takes as long whatever is in it, so that a broker
# in trouble would get ever more commits of ever fewer records.
COMMIT_SHARE = 5.0


class Pace:
    """Adapts the size of the next batch to how long the last ones took."""

    def __init__(self, most_records: int, batch_s: float, at_once: int = 1) -> None:
        """Aim at batches of `batch_s` seconds, of `most_records` at most and `at_once` at least."""
        self._most_records = most_records
        self._batch_s = batch_s
        self._least_records = min(at_once, most_records)
        self.records = max(self._least_records, min(FIRST_RECORDS, most_records))

    def took(self, records: int, handled_s: float, committed_s: float = 0.0) -> None:
        """Note how long it took to handle so many records, and then to commit them."""
        elapsed_s = max(handled_s, committed_s / COMMIT_SHARE, 1e-6)
        fitting = int(records * self._batch_s / elapsed_s)
        grown = min(fitting, self.records * GROWTH, self._most_records)
        self.records = max(
            self._least_records, grown if records >= self.records else min(fitting, self.records), 1
        )
