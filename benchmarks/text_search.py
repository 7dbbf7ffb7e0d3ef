"""How fast a page of a text search over very many posts answers, and what the index costs those who write.

    python -m benchmarks.text_search --documents sqlite:/tmp/much.sqlite --posts 1000000 [--output FILE.json]

The documents are seeded unless they hold as much already. Words are drawn by Zipf's law, so that some are in
half of all posts and some in a handful; queries of one, two and three words, a third of them between two
times, are drawn by the same law, and each page is of 50 posts. One process and one thread, warm.
"""

import argparse
import json
import platform
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from catenae import Between, Documents, open_documents

TERMS, WORDS, BATCH, PAGE, QUERIES = 50_000, 25, 5_000, 50, 1_000
FIRST_UTC, EVERY_S = 1_600_000_000, 60


def law() -> npt.NDArray[np.float64]:
    """Return how likely each of the words is, the commonest first, (TERMS,)."""
    weights = 1 / np.arange(1, TERMS + 1)
    shares: npt.NDArray[np.float64] = weights / weights.sum()
    return shares


def posts(first: int, number: int, chance: np.random.Generator) -> list[dict[str, Any]]:
    drawn = chance.choice(TERMS, (number, WORDS), p=law())
    return [
        {
            "id": f"t1_{first + place}",
            "author": f"user{(first + place) % 9973}",
            "kind": "comment",
            "created_utc": FIRST_UTC + (first + place) * EVERY_S,
            "title": "",
            "body": " ".join(f"w{word}" for word in row),
        }
        for place, row in enumerate(drawn.tolist())
    ]


def seed(documents: Documents, wanted: int) -> float:
    """Store posts until there are so many; return posts a second, 0 where there was nothing to store."""
    chance, there = np.random.default_rng(0), documents.count("posts")
    started_s = time.perf_counter()
    for first in range(there, wanted, BATCH):
        documents.upsert("posts", posts(first, min(BATCH, wanted - first), chance))
    return (wanted - there) / (time.perf_counter() - started_s) if wanted > there else 0.0


def queries(number: int, wanted: int) -> Iterator[tuple[str, Between | None]]:
    chance = np.random.default_rng(1)
    for place in range(wanted):
        words = chance.choice(TERMS, 1 + place % 3, p=law()).tolist()
        span = sorted(FIRST_UTC + chance.integers(0, number, 2) * EVERY_S)
        between = Between(int(span[0]), int(span[1]) + 1) if place % 9 >= 6 else None
        yield " ".join(f"w{word}" for word in words), between


def measure(documents: Documents, number: int) -> dict[str, Any]:
    took_ms, pages = list[float](), 0
    for text, between in queries(number, QUERIES):
        started_s = time.perf_counter()
        found = documents.search("posts", text, between=between, limit=PAGE)
        took_ms.append((time.perf_counter() - started_s) * 1000)
        pages += bool(found.documents)
    quantiles = statistics.quantiles(took_ms, n=100)
    return {
        "queries": QUERIES,
        "of which find something": pages,
        "p50_ms": round(quantiles[49], 2),
        "p95_ms": round(quantiles[94], 2),
        "p99_ms": round(quantiles[98], 2),
        "max_ms": round(max(took_ms), 2),
    }


def writing(documents: Documents, collection: str) -> float:
    """Return posts a second that one process upserts in batches of 1,000."""
    chance = np.random.default_rng(2)
    batches = [posts(n * 1000, 1000, chance) for n in range(20)]
    started_s = time.perf_counter()
    for batch in batches:
        documents.upsert(collection, batch)
    return 20_000 / (time.perf_counter() - started_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", required=True)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--output", type=Path)
    asked = parser.parse_args()
    with closing(open_documents(asked.documents)) as documents:
        rate = seed(documents, asked.posts)
        started_s = time.perf_counter()
        documents.ensure_search("posts", ["title", "body"], "created_utc")
        index_s = time.perf_counter() - started_s
        documents.search("posts", "w0")
        figures = {"posts": asked.posts, "seeded_per_s": round(rate), "index_s": round(index_s, 1)}
        figures |= measure(documents, asked.posts)
    with closing(open_documents("sqlite:")) as documents:
        plain = writing(documents, "plain")
        documents.ensure_search("searched", ["title", "body"], "created_utc")
        searched = writing(documents, "searched")
        started_s = time.perf_counter()
        documents.search("searched", "w0")
        caught_up_s = time.perf_counter() - started_s
    figures |= {
        "upserts_per_s_unsearched": round(plain),
        "upserts_per_s_searched": round(searched),
        "posts_per_s_into_the_index_at_the_next_search": round(20_000 / caught_up_s),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    print(json.dumps(figures, indent=2))
    if asked.output:
        asked.output.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
