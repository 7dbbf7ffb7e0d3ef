"""What a crawl of the local Reddit came to."""

from dataclasses import dataclass

from rich.table import Table


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a crawl came to. Bots, and what they write, are left out.

    found       users who can be known: they wrote something while it was watched
    reachable   items of theirs that the API shows in the end
    stored      of those, how many are in the documents
    deleted     items that their authors deleted meanwhile
    left_over   of those, how many are still in the documents
    visited     users visited, and how often together
    busiest     the most requests in any stretch of the budget's window
    alerts      alerts, and how many of them are of people with signs, of how many
    """

    elapsed_s: float
    reachable: int
    stored: int
    deleted: int
    left_over: int
    users: int
    found: int
    visited: int
    visits: int
    requests: int
    refused: int
    busiest: int
    alerts: int
    true_alerts: int
    positives: int

    @property
    def is_complete(self) -> bool:
        """Whether all that is there is stored, and nothing that is gone."""
        return self.stored == self.reachable and not self.left_over

    def table(self) -> Table:
        """Return it for people to read."""
        table = Table(title="crawled and screened: the local Reddit", show_header=False)
        rows = {
            "users": f"{self.users:,}, of which {self.found:,} wrote meanwhile",
            "of them visited": f"{self.visited:,}, {self.visits:,} times together",
            "items of theirs within reach": f"{self.reachable:,}",
            "of them stored": f"{self.stored:,}",
            "deleted meanwhile": f"{self.deleted:,}, of which {self.left_over:,} are still stored",
            "requests": f"{self.requests:,} in {self.elapsed_s:.0f} s; {self.refused:,} refused",
            "busiest minute": f"{self.busiest:,} requests",
            "alerts": f"{self.alerts:,}; {self.true_alerts:,} of the {self.positives:,} with signs",
        }
        for name, value in rows.items():
            table.add_row(name, value)
        return table
