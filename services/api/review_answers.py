"""What the API answers about reviews, as the OpenAPI description has it."""

from pydantic import BaseModel

from services.api.review_record import Deed, Verdict


class ReviewAnswer(BaseModel):
    """One thing that one account did with a case, and what it had of the case when it did.

    stands       whether it is what the account says now, or the decision or hiding that holds
    confidence   1 not sure at all … 5 sure
    looked_ms    how long the case had been looked at
    is_blind     said before the probability was seen
    """

    number: int
    account: str
    deed: Deed
    verdict: Verdict | None
    confidence: int | None
    reason: str
    note: str
    at_ms: int
    looked_ms: int | None
    is_blind: bool
    probability: float | None
    model: str | None
    stands: bool


class CaseReviews(BaseModel):
    """All reviews of a case, the oldest first."""

    reviews: list[ReviewAnswer]
    left_out: int = 0


class ReviewEvent(BaseModel):
    """Something that an expert did with an alert."""

    at_ms: int
    account: str
    action: str
    label: Verdict | None


class Conflict(BaseModel):
    """What somebody has done with a case since it was read."""

    account: str
    deed: Deed
    verdict: Verdict | None
    at_ms: int


class CoefficientAnswer(BaseModel):
    """Agreement beyond what chance alone would give: 1 is full, 0 none; with its 95 % interval."""

    value: float
    low: float
    high: float


class ShareAnswer(BaseModel):
    """A share, 0 … 1, with its 95 % interval."""

    value: float
    low: float
    high: float


class FirstLooksAnswer(BaseModel):
    """Answers that were given without the score, and how many are another one since it was seen."""

    looks: int
    changed: int
    share: ShareAnswer | None


class PairAnswer(BaseModel):
    """Two reviewers, the cases that both have judged, and the share in which they say the same."""

    one: str
    other: str
    cases: int
    agreed: float
    kappa: CoefficientAnswer | None


class AgreementAnswer(BaseModel):
    """How far reviewers agree: of `cases` that two have judged at least.

    alpha  Krippendorff's, of the verdicts as they are; null where there is too little, or nothing varies
    ac2    Gwet's, for which unsure is half way
    pairs  with Cohen's kappa each; for administrators alone, since they name people
    """

    cases: int
    reviewers: int
    alpha: CoefficientAnswer | None
    ac2: CoefficientAnswer | None
    pairs: list[PairAnswer]
