"""The first look at a person: where a project wants it, without what the model or colleagues make of them.

Who knows the score before they have read finds what the score says, and who knows what a colleague has found
finds that. So a project may keep either from each account until that account has said what it finds. It may
say something else then; how often is told.
"""

from catenae import Document

# What an alert says of the model's opinion; the rest is when, and how much was written.
OF_MODEL = ("probability", "peak_probability", "band", "opened_by")
NOT_YET = "This project looks first without the score. Say what you find of this person, then it is shown."
ALONE = "Colleagues' reviews of this case are shown once you have said what you find."


class FirstLook:
    """Says from whom the model's opinion of a person is kept, and from whom that of colleagues.

    opinions  how many are to judge a case, each without knowing what the others found; until so many have,
              the case has no label
    """

    def __init__(self, *, is_blind: bool, opinions: int = 1) -> None:
        self.is_blind = is_blind
        self.opinions = opinions

    @property
    def is_same_for_all(self) -> bool:
        """Whether every account may see the same of every case."""
        return not self.is_blind and self.opinions == 1

    def hides(self, account: str, alert: Document | None) -> bool:
        """Say whether it is kept from an account; of a person without an alert nobody can say anything."""
        return self.is_blind and (alert is None or not has_said(alert, account))

    def is_alone(self, account: str, alert: Document) -> bool:
        """Say whether what colleagues find of a case is kept from an account, whose word is wanted first."""
        return self._is_open(alert) and not has_said(alert, account)

    def is_done(self, account: str, alert: Document) -> bool:
        """Say whether a case without a label waits for others than this account."""
        return self._is_open(alert) and has_said(alert, account)

    def _is_open(self, alert: Document) -> bool:
        return self.opinions > 1 and alert.get("label") is None


def has_said(alert: Document, account: str) -> bool:
    """Say whether an account has ever said what it finds of a case."""
    return account in (alert.get("said_by") or ())
