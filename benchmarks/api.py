"""How fast every list of the API answers over much, and what live updates cost the server.

    python -m benchmarks.api --documents sqlite:/tmp/much.sqlite --output benchmarks/results/api_sqlite.json

The documents are seeded unless they hold as much already.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import platform
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import httpx2
import websockets

from catenae import Documents, Operations, open_documents
from catenae.brokers import open_broker
from services.api.answers import Role
from services.api.opening import usable_port
from services.api.server import ApiServer
from services.api.sign_in.accounts import Accounts
from services.api.sign_in.passwords import Passwords
from topologies.depression import topology

NAME, PASSWORD = "bench", "correct horse battery"
# One user has so many posts, the others share the rest.
PROLIFIC, PROLIFIC_POSTS = "user000000", 10_000
BATCH = 5_000
BODY = "words of a post, about as many as a comment has of them on such a site, more or less; " * 2


def alert(number: int, chance: random.Random) -> dict[str, Any]:
    label = chance.choices([None, "risk", "no_risk"], [80, 8, 12])[0]
    probability = chance.random()
    opened_utc = chance.randrange(1_600_000_000, 1_700_000_000)
    return {
        "id": f"user{number:06}",
        "user": f"user{number:06}",
        "raised_ms": opened_utc * 1000,
        "opened_utc": opened_utc,
        "opened_by": f"t1_{number:06}_0",
        "opened_after": 5,
        "threshold": 0.5,
        "updated_utc": opened_utc + 1000,
        "probability": probability,
        "peak_probability": probability,
        "posts_since": 5,
        "band": "high",
        "model": "abcdefabcdef",
        "changed_ms": opened_utc * 1000,
        **({"label": label} if label else {}),
        **({"hidden": True} if chance.random() < 0.02 else {}),
    }


def user(number: int) -> dict[str, Any]:
    name = f"user{number:06}"
    seen = {"probability": 0.7, "threshold": 0.5, "posts": 10, "first_utc": 1, "last_utc": 2, "model": "abc"}
    return {"id": name, "user": name, "post_id": f"t1_{number:06}_0", "created_utc": 2, **seen}


def post_and_probability(number: int, users: int, chance: random.Random) -> tuple[Any, Any]:
    owner = 0 if number < PROLIFIC_POSTS else number % users
    common = {
        "id": f"t1_{owner:06}_{number}",
        "kind": "comment" if number % 10 else "submission",
        "created_utc": 1_600_000_000 + number * 60,
    }
    post = {"author": f"user{owner:06}", "subreddit": "tea", "title": "", "body": BODY, "permalink": "/r/x"}
    scores = {"user_probability": chance.random(), "post_probability": chance.random()}
    words = [[f"word{chance.randrange(9999)}", chance.uniform(-1, 1)] for _ in range(10)]
    made = {"user": f"user{owner:06}", "model": "abc", "removed": False, "words": words}
    return {**common, **post}, {**common, "post_id": common["id"], **scores, **made}


def seed(documents: Documents, alerts: int, posts: int) -> float:
    """Store so much unless it is there; return the seconds it took."""
    started_s = time.monotonic()
    chance = random.Random(1)
    if documents.count("alerts") < alerts:
        for start in range(0, alerts, BATCH):
            numbers = range(start, min(alerts, start + BATCH))
            documents.upsert("alerts", [alert(number, chance) for number in numbers])
            documents.upsert("users", [user(number) for number in numbers])
    for start in range(documents.count("probabilities") // BATCH * BATCH, posts, BATCH):
        pairs = [post_and_probability(n, alerts, chance) for n in range(start, min(posts, start + BATCH))]
        documents.upsert("posts", [post for post, _ in pairs])
        documents.upsert("probabilities", [probability for _, probability in pairs])
    return time.monotonic() - started_s


def serve(url: str, port: int, ready: Event, over: Event) -> None:
    """Serve until it is over; the body of a process of its own."""
    with closing(open_documents(url)) as documents, closing(open_broker("embedded:")) as broker:
        broker.create_topics(topology.topic_specs())
        accounts = Accounts(documents, Passwords())
        if accounts.get(NAME) is None:
            accounts.add(NAME, Role.ADMINISTRATOR, PASSWORD, 0)
        server = ApiServer(documents, Operations(topology, broker), port=port)
        server.setup()
        ready.set()
        over.wait()
        server.teardown()


@contextmanager
def serving(url: str) -> Iterator[tuple[str, int]]:
    """Serve from a process; give the address and the process's id."""
    context = multiprocessing.get_context("spawn")
    ready, over = context.Event(), context.Event()
    port = usable_port(0)
    process = context.Process(target=serve, args=(url, port, ready, over))
    process.start()
    try:
        if not ready.wait(3600):
            raise RuntimeError("the server does not come up")
        time.sleep(1)
        assert process.pid is not None
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        over.set()
        process.join(30)


def signed_in(address: str) -> httpx2.Client:
    client = httpx2.Client(base_url=f"{address}/api/v1", headers={"Origin": address}, timeout=120)
    client.post("/sign-in", json={"name": NAME, "password": PASSWORD}).raise_for_status()
    return client


LISTS: Mapping[str, str] = {
    "alerts, recent": "/alerts",
    "alerts, by probability": "/alerts?sort=probability",
    "alerts, unlabelled by probability": "/alerts?label=none&sort=probability",
    "alerts, risk, recent": "/alerts?label=risk",
    "alerts, no risk by probability": "/alerts?label=no_risk&sort=probability",
    "alerts, hidden": "/alerts?hidden=true",
    "alerts, between two probabilities": "/alerts?sort=probability&at_least=0.4&below=0.6",
    "alerts, counted": "/alerts/counts",
    "history of an alert": "/alerts/{user}/history",
    "users by prefix": "/users?prefix=user0{digits}",
    "a user": "/users/{user}",
    "posts of a user by probability": "/users/{user}/posts",
    "posts of a user, recent": "/users/{user}/posts?sort=recent",
    "submissions of a user by probability": "/users/{user}/posts?kind=submission",
    "posts of one with 10,000, by probability": f"/users/{PROLIFIC}/posts",
    "probabilities of a user": "/users/{user}/probabilities",
    "probabilities of one with 10,000 posts": f"/users/{PROLIFIC}/probabilities",
    "datasets": "/datasets",
    "statistics": "/statistics",
    "topology": "/topology",
    "dead letters": "/dead-letters",
    "audit log": "/audit",
    "audit log of a user": "/audit?user={user}",
    "forget requests": "/forget-requests",
}


def time_lists(client: httpx2.Client, pid: int, users: int, times: int) -> dict[str, Any]:
    """Return p50 and p95 in milliseconds of each list, of first and of later pages in turn.

    And the mean CPU time of the server, which hardly depends on what else the machine does.
    """
    chance = random.Random(2)
    found: dict[str, Any] = {}
    for name, path in LISTS.items():
        before_s = cpu_s_of(pid)
        found[name] = _timed(client, path, users, times, chance)
        found[name]["cpu_ms"] = round(1000 * (cpu_s_of(pid) - before_s) / times, 1)
    return found


def _timed(
    client: httpx2.Client, path: str, users: int, times: int, chance: random.Random
) -> dict[str, float]:
    took_ms, cursor = [], None
    for number in range(times):
        filled = path.format(user=f"user{chance.randrange(1, users):06}", digits=chance.randrange(10, 99))
        if number % 2 and cursor and "{" not in path:
            filled += f"{'&' if '?' in filled else '?'}cursor={cursor}"
        started_s = time.perf_counter()
        answer = client.get(filled)
        took_ms.append((time.perf_counter() - started_s) * 1000)
        answer.raise_for_status()
        cursor = answer.json().get("cursor")
    cuts = statistics.quantiles(took_ms, n=20)
    return {"p50_ms": round(statistics.median(took_ms), 1), "p95_ms": round(cuts[18], 1)}


def update(url: str, users: int, per_s: int, over: Event) -> None:
    """Change alerts until it is over, as their storer does; the body of a process of its own."""
    chance = random.Random(3)
    with closing(open_documents(url)) as documents:
        due_s = time.monotonic()
        while not over.is_set():
            now_ms = int(time.time() * 1000)
            changed = [
                {"id": f"user{n:06}", "probability": chance.random(), "changed_ms": now_ms}
                for n in chance.sample(range(users), per_s // 10)
            ]
            documents.merge("alerts", changed)
            due_s += 0.1
            time.sleep(max(0.0, due_s - time.monotonic()))


def cpu_s_of(pid: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb_of(pid: int) -> float:
    """Return the memory of a process, what it shares with others included."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


async def listen(address: str, cookie: str, browsers: int, seconds: float) -> dict[str, Any]:
    """Listen as so many pages; return what they heard."""
    heard = [0] * browsers

    async def page(number: int) -> None:
        url = f"{address.replace('http', 'ws', 1)}/api/v1/live"
        headers = {"Cookie": f"screening={cookie}"}
        async with websockets.connect(
            url, origin=websockets.Origin(address), additional_headers=headers
        ) as socket:
            async for text in socket:
                message = json.loads(text)
                heard[number] += len(message.get("alerts", []))

    pages = [asyncio.ensure_future(page(number)) for number in range(browsers)]
    await asyncio.sleep(seconds)
    for each in pages:
        each.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    return {"alerts_heard_per_page": {"least": min(heard, default=0), "most": max(heard, default=0)}}


def time_live(address: str, pid: int, cookie: str, browsers: int, seconds: float) -> dict[str, Any]:
    """Return CPU and memory of the server while so many pages listen."""
    before_s, started_s = cpu_s_of(pid), time.monotonic()
    heard = asyncio.run(listen(address, cookie, browsers, seconds))
    elapsed_s, cpu_s = time.monotonic() - started_s, cpu_s_of(pid) - before_s
    return {
        "pages": browsers,
        "cpu_percent_of_a_core": round(100 * cpu_s / elapsed_s, 1),
        "resident_mb": resident_mb_of(pid),
        **heard,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", required=True)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--pages", type=int, default=50)
    parser.add_argument("--updates-per-s", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--output", type=Path)
    given = parser.parse_args()
    with closing(open_documents(given.documents)) as documents:
        seeded_s = seed(documents, given.alerts, given.posts)
    found: dict[str, Any] = {
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "documents": given.documents.partition(":")[0],
        "sqlite": sqlite3.sqlite_version,
        "alerts": given.alerts,
        "posts": given.posts,
        "seeded_s": round(seeded_s, 1),
    }
    started_s = time.monotonic()
    with serving(given.documents) as (address, pid), closing(signed_in(address)) as client:
        found["indexes_and_start_s"] = round(time.monotonic() - started_s, 1)
        found["lists"] = time_lists(client, pid, given.alerts, given.times)
        over = multiprocessing.get_context("spawn").Event()
        arguments = (given.documents, given.alerts, given.updates_per_s, over)
        writer = multiprocessing.get_context("spawn").Process(target=update, args=arguments)
        writer.start()
        time.sleep(3)
        cookie = client.cookies["screening"]
        found["updates_per_s"] = given.updates_per_s
        found["live"] = [
            time_live(address, pid, cookie, pages, given.seconds) for pages in (0, 1, given.pages)
        ]
        over.set()
        writer.join()
    text = json.dumps(found, indent=2)
    print(text)
    if given.output:
        given.output.write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
