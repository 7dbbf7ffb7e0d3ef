"""The first look at a person: in a blind project without what the model makes of them.

Who knows the score before they have read finds what the score says. So a project may keep it from each
account until that account has said what it finds. It may say something else then; how often is told.
"""

from catenae import Document

# What an alert says of the model's opinion; the rest is when, and how much was written.
OF_MODEL = ("probability", "peak_probability", "band", "opened_by")
NOT_YET = "This project looks first without the score. Say what you find of this person, then it is shown."


class FirstLook:
    """Says from whom the model's opinion of a person is kept."""

    def __init__(self, *, is_blind: bool) -> None:
        self.is_blind = is_blind

    def hides(self, account: str, alert: Document | None) -> bool:
        """Say whether it is kept from an account; of a person without an alert nobody can say anything."""
        return self.is_blind and (alert is None or account not in (alert.get("said_by") or ()))
