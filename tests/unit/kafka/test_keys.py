"""Which partition of Kafka a key belongs to."""

import pytest

from catenae.brokers.kafka.keys import murmur2, partition_of


@pytest.mark.parametrize(
    ("key", "hashed"),
    # What Kafka's own test of `Utils.murmur2` expects.
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
def test_it_is_hashed_as_java_does(key: str, hashed: int) -> None:
    assert murmur2(key.encode()) == hashed % 2**32
    assert partition_of(key.encode(), 12) == (hashed & 0x7FFFFFFF) % 12
