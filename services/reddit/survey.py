"""What is in files of rows, before they are replayed: how much is usable, and why the rest is not."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.table import Table

from services.reddit.replay import Replay


@dataclass(slots=True)
class Survey:
    """Every row is in one of the two: accepted, or set aside by reason."""

    accepted: Counter[str] = field(default_factory=Counter)  # by kind
    set_aside: Counter[str] = field(default_factory=Counter)
    first_utc: int | None = None
    last_utc: int | None = None

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.accepted.total() + self.set_aside.total()

    def table(self, title: str) -> Table:
        """Return it for people to read."""
        table = Table(title=title, show_header=False)
        rows = {"rows": f"{self.rows:,}"}
        rows |= {f"{kind}s": f"{count:,}" for kind, count in sorted(self.accepted.items())}
        set_aside = ", ".join(f"{count:,} {reason}" for reason, count in sorted(self.set_aside.items()))
        rows["rows set aside"] = set_aside or "none"
        for name, at_utc in (("first", self.first_utc), ("last", self.last_utc)):
            if at_utc is not None:
                rows[name] = datetime.fromtimestamp(at_utc, UTC).strftime("%Y-%m-%d %H:%M")
        for name, value in rows.items():
            table.add_row(name, value)
        return table


def survey(path: Path, progress: Callable[[float], None] = lambda _: None) -> Survey:
    """Look at every row of a file or folder as `Replay` does. Nothing of it is kept, so memory is flat.

    progress  is called now and then with the share that has been read

    Raises ConfigError for a file that is absent, damaged or cut short.
    """
    replay = Replay(path)
    found = Survey()
    for number, message in enumerate(replay.generate(None)):
        if number % 10_000 == 0:
            progress(replay.progress() or 0.0)
        if message is None:
            continue
        if message.rejected:
            found.set_aside[message.rejected] += 1
            continue
        found.accepted[message.value["kind"]] += 1
        at_utc: int = message.value["created_utc"]
        found.first_utc = at_utc if found.first_utc is None else min(found.first_utc, at_utc)
        found.last_utc = at_utc if found.last_utc is None else max(found.last_utc, at_utc)
    return found
