"""What the crawler hears of the screening."""

from catenae.testing import MemoryState, message
from services.reddit.risk_filter import RiskFilter


def test_a_probability_passes_when_it_enters_another_class() -> None:
    risks = RiskFilter(MemoryState())

    passed = [
        out.value["probability"]
        for probability in (0.1, 0.19, 0.3, 0.35, 0.6, 0.9, 0.45, 0.0)
        for out in risks.transform(message({"user": "ann", "probability": probability, "posts": 1}, "ann"))
    ]

    assert passed == [0.3, 0.6, 0.45, 0.0]
