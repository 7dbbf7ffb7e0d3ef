"""The page's types are those of the description, field by field."""

from starlette.testclient import TestClient

from tests.services.api.typescript import interfaces

# By the names of the page, those of the description.
SAME = {
    "Session": "SessionAnswer",
    "SignInWays": "SignInMethods",
    "OtherSession": "OtherSession",
    "OtherSessions": "OtherSessions",
    "SecondFactor": "SecondFactorAnswer",
    "OfferedFactor": "OfferedFactor",
    "RecoveryCodes": "NewRecoveryCodes",
    "Page": "Listed_AlertAnswer_",
    "Alert": "AlertAnswer",
    "Precedents": "PrecedentsAnswer",
    "NextCase": "NextAnswer",
    "UserWords": "UserWords",
    "WordShare": "WordShare",
    "Lease": "LeaseAnswer",
    "Again": "AgainAnswer",
    "Counts": "Counts",
    "Act": "ReviewEvent",
    "Review": "ReviewAnswer",
    "Reviews": "CaseReviews",
    "Conflict": "Conflict",
    "UserSummary": "UserAnswer",
    "Forget": "ForgetAnswer",
    "User": "UserDetail",
    "Probabilities": "Course",
    "Post": "PostAnswer",
    "Datasets": "Datasets",
    "NodeStatistics": "NodeFigures",
    "Screening": "ScreeningAnswer",
    "Statistics": "StatisticsAnswer",
    "StatisticsHistory": "StatisticsHistory",
    "Coefficient": "CoefficientAnswer",
    "ReviewerPair": "PairAnswer",
    "Agreement": "AgreementAnswer",
    "Share": "ShareAnswer",
    "FirstLooks": "FirstLooksAnswer",
    "TopologyNode": "NodeAnswer",
    "Asked": "AskedAnswer",
    "InstanceSaid": "InstanceAnswer",
    "Topology": "TopologyAnswer",
    "Versions": "Versions",
    "DeadLetterGroup": "DeadLetterCount",
    "DeadLetter": "DeadLetterAnswer",
    "AuditEvent": "AuditEvent",
    "TopicSource": "TopicSourceAnswer",
    "Topic": "SearchAnswer",
    "TopicList": "SearchesAnswer",
    "LabelCounts": "LabelCounts",
    "TopicMoment": "TopicMoment",
    "TopicValue": "TopicValue",
    "TopicWord": "TopicWord",
    "TopicWords": "TopicWords",
    "TopicCounts": "TopicCounts",
    "TopicPost": "TopicPostAnswer",
}


def test_the_page_knows_every_field_by_its_name(reviewer: TestClient) -> None:
    described = reviewer.get("/api/v1/openapi.json").json()["components"]["schemas"]

    on_page = interfaces("api/types.ts")
    assert on_page == {name: set(described[same]["properties"]) for name, same in SAME.items()}
