from catenae.broker import TopicSpec
from catenae.brokers.kafka.topic_settings import settings_of

DAY_S = 24 * 3600
DAY_MS = DAY_S * 1000


def test_records_go_soon_after_their_time_also_where_others_follow_them() -> None:
    """Kafka removes whole segments, and one that is still written to for its newest record's time only."""
    settings = settings_of(TopicSpec("texts", 12, retention_s=7 * DAY_S))

    assert int(settings["retention.ms"]) == 7 * DAY_MS
    assert int(settings["segment.ms"]) == DAY_MS


def test_records_that_are_kept_for_ever_are_not_parted_by_time() -> None:
    settings = settings_of(TopicSpec("texts", 12, retention_s=None))

    assert settings["retention.ms"] == "-1"
    assert "segment.ms" not in settings


def test_a_time_that_is_no_time_is_one_that_kafka_takes() -> None:
    assert settings_of(TopicSpec("texts", 12, retention_s=0))["segment.ms"] == "1"
