"""Who is compared: each one's program, packages, and how many messages fit a run of a few seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Mode = Literal["consume", "at-least-once", "exactly-once"]
MODES: tuple[Mode, ...] = ("consume", "at-least-once", "exactly-once")
SIZES = {"hundreds": 500, "thousands": 5_000, "many": 60_000, "most": 200_000}

_CONFLUENT = "confluent-kafka==2.16.1"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One row of the table.

    packages  what pip installs into its environment; those with equal packages share one. Empty for
              Catenae, which runs in the environment that runs the benchmark
    sizes     for each mode that it has, how many messages it is given
    """

    name: str
    program: str
    variant: str
    packages: tuple[str, ...]
    sizes: Mapping[Mode, str]


def _sizes(consume: str, at_least_once: str, exactly_once: str = "") -> dict[Mode, str]:
    sizes = zip(MODES, (consume, at_least_once, exactly_once), strict=True)
    return {mode: size for mode, size in sizes if size}


_FASTSTREAM = (
    "faststream[confluent,kafka]==0.7.8",
    _CONFLUENT,
    "aiokafka==0.14.0",
    "orjson==3.13.0",
    "cramjam==2.14.0",
)
_RAW = (_CONFLUENT, "orjson==3.13.0")
# With 2.16.1 its commits of single messages hung.
_FIRST = ("catenae==1.0.0", "confluent-kafka==2.0.2")

CONTESTANTS = (
    Contestant("raw confluent-kafka", "raw_client", "", _RAW, _sizes("most", "most", "most")),
    Contestant("raw confluent-kafka, tuned", "raw_client", "tuned", _RAW, _sizes("most", "most", "most")),
    Contestant("Catenae, confluent-kafka", "catenae_node", "confluent", (), _sizes("most", "most", "most")),
    Contestant("Catenae, kafka-python", "catenae_node", "kafka-python", (), _sizes("many", "many", "many")),
    Contestant(
        "Quix Streams", "quix_application", "", ("quixstreams==3.28.1",), _sizes("many", "many", "many")
    ),
    Contestant(
        "FastStream, confluent",
        "faststream_application",
        "confluent one by one",
        _FASTSTREAM,
        _sizes("thousands", "hundreds"),
    ),
    Contestant(
        "FastStream, confluent, batches",
        "faststream_application",
        "confluent batches",
        _FASTSTREAM,
        _sizes("many", "thousands"),
    ),
    Contestant(
        "FastStream, aiokafka",
        "faststream_application",
        "aiokafka one by one",
        _FASTSTREAM,
        _sizes("thousands", "hundreds"),
    ),
    Contestant(
        "FastStream, aiokafka, batches",
        "faststream_application",
        "aiokafka batches",
        _FASTSTREAM,
        _sizes("many", "thousands"),
    ),
    Contestant(
        "Faust",
        "faust_application",
        "",
        ("faust-streaming[fast,uvloop]==0.15.3", "aiokafka==0.14.0", "cramjam==2.14.0"),
        _sizes("many", "thousands", "thousands"),
    ),
    Contestant(
        "the first Catenae, asynchronous",
        "first_catenae_link",
        "asynchronous",
        _FIRST,
        _sizes("many", "thousands"),
    ),
    Contestant(
        "the first Catenae, synchronous",
        "first_catenae_link",
        "synchronous",
        _FIRST,
        _sizes("hundreds", "hundreds"),
    ),
)
