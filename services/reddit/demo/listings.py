"""Which items a page of a listing shows, as Reddit pages: newest first, by the name of a neighbour.

A listing reaches back over its newest thousand items, however many there are. Of a page that begins `before`
an item, which means newer, those next to that item are shown; before an item that is gone there is nothing,
which is how a client that follows a listing by its last item can miss everything from then on.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from catenae import TextQuery
from services.reddit.demo.community import Account, Community, Gone, Item, Standing

MOST_REACHED = 1000
LARGEST_PAGE = 100
USUAL_PAGE = 25


class Paging(NamedTuple):
    """What a client asks for: at most `limit` items, after (older than) or before (newer than) a name."""

    limit: int = USUAL_PAGE
    after: str = ""
    before: str = ""


class Page(NamedTuple):
    """Items, newest first, and the names to go on from; empty where there is nothing further."""

    items: Sequence[Item]
    after: str = ""
    before: str = ""


class Listings:
    """The listings of a community at a moment."""

    def __init__(self, community: Community, now_utc: Callable[[], float]) -> None:
        self._community = community
        self._now_utc = now_utc
        self._by_place: defaultdict[tuple[str, str], list[Item]] = defaultdict(list)
        self._by_author: defaultdict[tuple[str, str], list[Item]] = defaultdict(list)
        for item in community.items:
            for place in ("all", item.subreddit):
                self._by_place[place, item.kind].append(item)
            for kinds in ("overview", item.kind):
                self._by_author[item.author.name, kinds].append(item)

    def of_subreddits(self, names: Sequence[str], kind: str, paging: Paging) -> Page | None:
        """Return a page of what is new in subreddits, "all" among them; None if there is no such one."""
        merged = self._merged(names, kind)
        return None if merged is None else self._page(merged, paging)

    def search(self, text: str, names: Sequence[str], paging: Paging) -> Page | None:
        """Return a page of the submissions that hold all words of a text; None as `of_subreddits`."""
        merged, query = self._merged(names, "submission"), TextQuery(text)
        if merged is None:
            return None
        return self._page([item for item in merged if query.finds(item.title, item.text)], paging)

    def of_author(self, account: Account, kinds: str, paging: Paging) -> Page:
        """Return a page of what an account wrote: "submission", "comment" or "overview" of both."""
        return self._page(self._by_author.get((account.name, kinds), ()), paging)

    def reachable(self) -> list[Item]:
        """Return every item that a client can find now in the listings of the accounts that show theirs."""
        return [
            item
            for (name, kinds), items in self._by_author.items()
            if kinds != "overview" and self._community.accounts[name].standing is Standing.ACTIVE
            for item in self._reached(items)
        ]

    def is_visible(self, item: Item) -> bool:
        """Say whether the item has been written yet."""
        return item.created_utc <= self._now_utc()

    def _merged(self, names: Sequence[str], kind: str) -> Sequence[Item] | None:
        some = [self._by_place[name, kind] for name in names if (name, kind) in self._by_place]
        if not some:
            return None
        if len(some) == 1:
            return some[0]
        return sorted((each for one in some for each in one), key=lambda item: item.place)

    def _reached(self, items: Sequence[Item]) -> list[Item]:
        written = bisect_right(items, self._now_utc(), key=lambda item: item.created_utc)
        newest_first: Iterable[Item] = (items[place] for place in range(written - 1, -1, -1))
        return list(islice((item for item in newest_first if item.gone is Gone.NO), MOST_REACHED))

    def _page(self, items: Sequence[Item], paging: Paging) -> Page:
        reached = self._reached(items)
        limit = max(1, min(paging.limit, LARGEST_PAGE))
        anchor = self._community.by_name.get(paging.after or paging.before)
        if anchor is None and (paging.after or paging.before):
            return Page(())
        if anchor is None:
            shown = reached[:limit]
        elif paging.after:
            shown = [item for item in reached if item.place < anchor.place][:limit]
        elif anchor.gone is not Gone.NO:
            shown = []
        else:
            shown = [item for item in reached if item.place > anchor.place][-limit:]
        if not shown:
            return Page(())
        has_older, has_newer = shown[-1] is not reached[-1], shown[0] is not reached[0]
        return Page(
            shown,
            after=shown[-1].name if has_older else "",
            before=shown[0].name if has_newer else "",
        )
