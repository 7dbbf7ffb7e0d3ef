"""Items, accounts and pages as the JSON of Reddit's API."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.depression.demo.posts import base36
from services.reddit.demo.community import DELETED, REMOVED, Account, Gone, Item, Standing
from services.reddit.demo.listings import Page

Thing = dict[str, Any]


def listing(items: Iterable[Item], after: str = "", before: str = "") -> Thing:
    """Return a listing of items."""
    children = [thing(item) for item in items]
    return {
        "kind": "Listing",
        "data": {
            "after": after or None,
            "before": before or None,
            "dist": len(children),
            "modhash": None,
            "geo_filter": "",
            "children": children,
        },
    }


def page_of(page: Page) -> Thing:
    """Return a page of a listing."""
    return listing(page.items, page.after, page.before)


def thing(item: Item) -> Thing:
    """Return a submission or comment as it is shown now, also when it is gone or its author is."""
    common = _common(item)
    if item.kind == "submission":
        return {"kind": "t3", "data": common | _of_submission(item)}
    return {"kind": "t1", "data": common | _of_comment(item)}


def account_about(account: Account) -> Thing:
    """Return what is known of an account that has not been deleted."""
    if account.standing is Standing.SUSPENDED:
        return {"kind": "t2", "data": {"name": account.name, "is_suspended": True, "awardee_karma": 0}}
    return {
        "kind": "t2",
        "data": {
            "name": account.name,
            "id": base36(account.number),
            "created_utc": 1_600_000_000.0,
            "comment_karma": 1,
            "link_karma": 1,
            "is_employee": False,
            "is_mod": False,
            "verified": True,
            "has_verified_email": True,
        },
    }


def subreddit_about(name: str) -> Thing:
    """Return what is known of a subreddit."""
    return {
        "kind": "t5",
        "data": {
            "display_name": name,
            "display_name_prefixed": f"r/{name}",
            "id": _subreddit_id(name),
            "name": f"t5_{_subreddit_id(name)}",
            "title": name,
            "url": f"/r/{name}/",
            "subreddit_type": "public",
            "over18": False,
        },
    }


def _common(item: Item) -> Thing:
    common: Thing = {
        "id": item.id,
        "name": item.name,
        "author": _author(item),
        "subreddit": item.subreddit,
        "subreddit_id": f"t5_{_subreddit_id(item.subreddit)}",
        "subreddit_name_prefixed": f"r/{item.subreddit}",
        "created_utc": float(item.created_utc),
        "created": float(item.created_utc),
        "permalink": _permalink(item),
        "score": 1,
        "edited": False,
        "distinguished": None,
        "stickied": False,
        "over_18": False,
    }
    if item.shows_author:
        common["author_flair_text"] = item.author.stated or None
        common["author_fullname"] = f"t2_{base36(item.author.number)}"
    return common


def _of_submission(item: Item) -> Thing:
    return {
        "title": DELETED if item.gone is Gone.BY_AUTHOR else item.title,
        "selftext": _shown(item),
        "is_self": True,
        "domain": f"self.{item.subreddit}",
        "url": f"https://www.reddit.com{_permalink(item)}",
        "num_comments": 0,
        "removed_by_category": _REMOVED_BY[item.gone],
    }


def _of_comment(item: Item) -> Thing:
    thread = item.thread or item
    return {
        "body": _shown(item),
        "link_id": thread.name,
        "parent_id": item.parent,
        "link_title": thread.title,  # another person's words, which are not the commenter's
        "link_author": _author(thread),
        "link_permalink": f"https://www.reddit.com{_permalink(thread)}",
        "is_submitter": thread.author is item.author,
        "replies": "",
    }


_REMOVED_BY: Mapping[Gone, str | None] = {
    Gone.NO: None,
    Gone.BY_AUTHOR: "deleted",
    Gone.BY_MODERATOR: "moderator",
}
_SHOWN: Mapping[Gone, str] = {Gone.BY_AUTHOR: DELETED, Gone.BY_MODERATOR: REMOVED}


def _author(item: Item) -> str:
    return item.author.name if item.shows_author else DELETED


def _shown(item: Item) -> str:
    return _SHOWN.get(item.gone, item.text)


def _permalink(item: Item) -> str:
    thread = item.thread or item
    link = f"/r/{item.subreddit}/comments/{thread.id}/_/"
    return link if item.kind == "submission" else f"{link}{item.id}/"


def _subreddit_id(name: str) -> str:
    """Return an id that is the same wherever the name is."""
    return name.encode().hex()[:6]
