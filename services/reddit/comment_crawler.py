"""Who has just commented on Reddit."""

from typing import ClassVar

from services.reddit.listing_crawler import ListingCrawler
from services.reddit.records import Kind


class CommentCrawler(ListingCrawler):
    """Watch new comments; the rest is as `ListingCrawler` says."""

    kind: ClassVar[Kind] = "comment"
