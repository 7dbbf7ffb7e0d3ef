"""What can go wrong between a crawler and Reddit. None of these names a user."""

from catenae import TransientError


class RedditUnavailable(TransientError):
    """Reddit did not answer, or not with what was asked for; another time it may."""


class UserUnreadable(Exception):
    """Reddit shows nothing of this user; `status` is "gone", "suspended" or "withheld"."""

    def __init__(self, status: str) -> None:
        super().__init__(f"a user is {status}")
        self.status = status
