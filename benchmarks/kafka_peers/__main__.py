"""Catenae beside its peers on one real Kafka: messages a second taken, and passed on in either delivery.

    python -m benchmarks.kafka_peers                             four rounds, about ten minutes
    python -m benchmarks.kafka_peers --rounds 1 --only Catenae   one round of those whose names have the word

Method: `benchmarks/README.md`. Needs what `tests/servers` says of Kafka, and an environment per contestant,
which is made the first time. Prints a table; `--output` writes JSON.
"""

import argparse
import json
import os
import platform
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.kafka_peers.contestants import CONTESTANTS, MODES, SIZES, Contestant, Mode
from benchmarks.kafka_peers.environments import python_with, versions
from benchmarks.kafka_peers.runs import Figures, RunFailed, run, source_of
from benchmarks.kafka_peers.topics import PARTITIONS, SIZE_BYTES, Topics
from tests.servers.kafka import KafkaServer

Found = dict[tuple[str, Mode], list[Figures]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--only", nargs="*", default=[""], help="words of contestants' names")
    parser.add_argument("--modes", nargs="*", default=MODES, choices=MODES)
    parser.add_argument("--kafka", help="a Kafka that runs, instead of one started for the benchmark")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds that a run may take")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    contestants = [each for each in CONTESTANTS if any(word in each.name for word in arguments.only)]
    for each in contestants:
        python_with(each.packages)
    with ExitStack() as stack:
        kafka = arguments.kafka or stack.enter_context(KafkaServer()).bootstrap
        found, failures = measure(kafka, contestants, arguments)
    results = summary(contestants, found, failures, arguments.rounds)
    print(table(results["contestants"]))
    if arguments.output:
        arguments.output.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", "utf-8")


def measure(
    kafka: str, contestants: list[Contestant], arguments: argparse.Namespace
) -> tuple[Found, dict[str, str]]:
    """Run every contestant in every mode it has, in turns: what disturbs a while then disturbs all alike."""
    topics = Topics(kafka)
    for size in {size for each in contestants for size in each.sizes.values()}:
        topics.create(source_of(size))
        topics.fill(source_of(size), SIZES[size])
    found: Found = {}
    failures: dict[str, str] = {}
    for number in range(1, arguments.rounds + 1):
        for mode in arguments.modes:
            for each in contestants:
                if mode not in each.sizes:
                    continue
                started_s = time.monotonic()
                try:
                    figures = run(topics, kafka, each, mode, arguments.timeout)
                except RunFailed as error:
                    failures[f"{each.name}, {mode}, round {number}"] = str(error)
                    print(f"{number} {mode} {each.name}: failed\n{error}", flush=True)
                    continue
                found.setdefault((each.name, mode), []).append(figures)
                print(
                    f"{number} {mode} {each.name}: {figures.messages_per_s:,.0f}/s, "
                    f"{figures.messages_per_cpu_s:,.0f} per CPU second, {time.monotonic() - started_s:.0f} s",
                    flush=True,
                )
    return found, failures


def summary(
    contestants: list[Contestant], found: Found, failures: dict[str, str], rounds: int
) -> dict[str, Any]:
    """Return medians with the least and the most of each figure, and what they were measured with."""
    return {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "message_bytes": SIZE_BYTES,
        "partitions": PARTITIONS,
        "rounds": rounds,
        "contestants": {
            each.name: {
                "packages": named_versions(each),
                **{mode: medians(found[each.name, mode]) for mode in MODES if (each.name, mode) in found},
            }
            for each in contestants
        },
        "failures": failures,
    }


def named_versions(contestant: Contestant) -> dict[str, str]:
    """Return the versions of what makes a difference."""
    counting = ("catenae", "kafka", "quix", "faststream", "faust", "orjson", "msgspec", "uvloop")
    installed = versions(python_with(contestant.packages))
    return {name: version for name, version in installed.items() if any(each in name for each in counting)}


def medians(runs: list[Figures]) -> dict[str, Any]:
    """Return median, least and most of messages a second, the median by CPU time, and the most repeated."""
    rates = [each.messages_per_s for each in runs]
    return {
        "messages_per_s": round(statistics.median(rates)),
        "least": round(min(rates)),
        "most": round(max(rates)),
        "messages_per_cpu_s": round(statistics.median(each.messages_per_cpu_s for each in runs)),
        "repeated": max(each.repeated for each in runs),
        "runs": len(runs),
    }


def table(contestants: dict[str, Any]) -> str:
    """Return the medians as Markdown: messages a second, with least and most, and per CPU second."""
    lines = ["| | " + " | ".join(MODES) + " |", "|---|" + "---|" * len(MODES)]
    for name, figures in contestants.items():
        cells = [cell(figures[mode]) if mode in figures else "–" for mode in MODES]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(figures: dict[str, Any]) -> str:
    """Return one figure of the table."""
    return (
        f"{figures['messages_per_s']:,} ({figures['least']:,}–{figures['most']:,}); "
        f"{figures['messages_per_cpu_s']:,} per CPU s"
    )


if __name__ == "__main__":
    main()
