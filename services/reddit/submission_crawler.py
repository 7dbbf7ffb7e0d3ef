"""Who has just posted on Reddit."""

from typing import ClassVar

from services.reddit.listing_crawler import ListingCrawler
from services.reddit.records import Kind


class SubmissionCrawler(ListingCrawler):
    """Watch new submissions; the rest is as `ListingCrawler` says."""

    kind: ClassVar[Kind] = "submission"
