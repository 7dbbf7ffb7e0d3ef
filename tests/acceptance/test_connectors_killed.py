"""Rows go through ready-made Sources and Leaves while their processes die: what each contract says holds."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from catenae.brokers import open_broker
from tests.acceptance.command import Command
from tests.patience import until

pytestmark = [pytest.mark.acceptance, pytest.mark.long]

ROWS = {"files": 40_000, "sql": 40_000, "http": 3000, "postgresql": 20_000}
KILLS = int(os.environ.get("CATENAE_KILL_ROUNDS", "12"))
QUERY = "SELECT id, item FROM given WHERE id > :cursor ORDER BY id LIMIT :limit"
POSTGRESQL_QUERY = "SELECT id, item FROM given WHERE id > %(cursor)s ORDER BY id LIMIT %(limit)s"
TABLE = {"table": "taken", "columns": ["id", "item"], "keys": ["id"]}
PAGE = 100

# By topic: the Source with its options, and the Leaf with its own.
Pairs = Mapping[str, tuple[str, Mapping[str, Any], str, Mapping[str, Any]]]


class Server(ThreadingHTTPServer):
    """Gives a list that grows in pages, and takes what is posted: by id, each value as often as it came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.there = 0
        self.taken: defaultdict[str, list[int]] = defaultdict(list)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        page = int(parse_qs(urlsplit(self.path).query).get("cursor", ["0"])[0])
        numbers = range(page * PAGE, min((page + 1) * PAGE, self.server.there))
        full = len(numbers) == PAGE
        self._answer({"items": [row(each) for each in numbers], "cursor": page + 1 if full else None})

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken[self.headers["Idempotency-Key"]].append(said["value"]["id"])
        self._answer({})

    def _answer(self, said: Any) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def row(number: int) -> dict[str, Any]:
    return {"id": number, "item": f"item {number}"}


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server
        server.shutdown()


def declared(pairs: Pairs, folder: Path) -> Path:
    """Write a topology of a Source and a Leaf each, with a topic of its name in between."""
    nodes = []
    for name, (source, given, leaf, taken) in pairs.items():
        nodes.append(
            f"Node('{name}_source', 'catenae.connectors.{source}', writes='{name}', options={dict(given)!r}),"
        )
        nodes.append(
            f"Node('{name}_leaf', 'catenae.connectors.{leaf}', reads='{name}', options={dict(taken)!r}),"
        )
    lines = ["from catenae import Node, Topology", "topology = Topology('moving', nodes=(", *nodes, "))"]
    path = folder / "moving.py"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def instances(up: Command) -> list[int]:
    children = ["ps", "-wwo", "pid=,args=", "--ppid", str(up.pid)]
    listed = subprocess.run(children, capture_output=True, text=True, check=False)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if " work " in line]


def kill_some(up: Command, chance: random.Random) -> int:
    """`kill -9` one or two instances; return how many there were to kill."""
    there = instances(up)
    chosen = chance.sample(there, min(len(there), chance.randint(1, 2)))
    for pid in chosen:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return len(chosen)


def records(data: Path, topics: Sequence[str]) -> dict[str, int]:
    with closing(open_broker(f"embedded:{data / 'log'}")) as broker:
        known = broker.topics()
        return {each: sum(span.end for span in broker.spans(each)) for each in topics if each in known}


def moved(up: Command, data: Path, grow: Any, is_all: Any, topics: Mapping[str, int]) -> int:
    """Let rows come and instances die, until all rows are through; return how many were killed."""
    chance = random.Random(7)
    killed = 0
    until(lambda: bool(instances(up)) or up.ended() is not None)
    for part in range(1, KILLS + 1):
        grow(part / KILLS)
        time.sleep(chance.uniform(0.2, 0.7))
        killed += kill_some(up, chance)
        assert up.ended() is None, up.log.read_text()[-2000:]
    until(lambda: records(data, list(topics)) == dict(topics), within_s=240, every_s=0.5)
    until(is_all, within_s=240, every_s=0.5)
    return killed


def test_rows_of_files_tables_and_servers_come_through_kills_as_their_contracts_say(
    tmp_path: Path, server: Server
) -> None:
    given, lines, database = tmp_path / "given.jsonl", tmp_path / "lines", tmp_path / "shop.sqlite"
    lines.mkdir()
    given.write_text("".join(f"{json.dumps(row(each))}\n" for each in range(ROWS["files"])))
    with closing(sqlite3.connect(database)) as opened, opened:
        opened.execute("PRAGMA journal_mode = wal")
        for table in ("given", "taken"):
            opened.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, item TEXT)")
    file = str(database)
    asked = {"path": file, "query": QUERY, "cursor": "id", "start": -1, "key": "id", "every_s": 0.1}
    topology = declared(
        {
            "files": (
                "files:FileRows",
                {"path": str(given), "key": "id"},
                "files:FileLines",
                {"folder": str(lines)},
            ),
            "sql": ("sql:SqlRows", asked, "sql:SqlUpsert", {"path": file, **TABLE}),
            "http": (
                "http:HttpPages",
                {"url": server.url, "key": "id", "every_s": 0.1},
                "http:HttpPost",
                {"url": server.url},
            ),
        },
        tmp_path,
    )
    inserted = 0

    def grow(share: float) -> None:
        nonlocal inserted
        server.there = round(share * ROWS["http"])
        numbers = range(inserted, round(share * ROWS["sql"]))
        inserted = numbers.stop
        with closing(sqlite3.connect(database, 30)) as opened, opened:
            opened.executemany("INSERT INTO given VALUES (:id, :item)", map(row, numbers))

    def is_all() -> bool:
        with closing(sqlite3.connect(database, 30)) as opened:
            (upserted,) = opened.execute("SELECT count(*) FROM taken").fetchone()
        written = sum(path.read_bytes().count(b"\n") for path in lines.iterdir())
        return upserted >= ROWS["sql"] and written >= ROWS["files"] and len(server.taken) >= ROWS["http"]

    data = tmp_path / "data"
    data.mkdir()
    wanted = {name: ROWS[name] for name in ("files", "sql", "http")}
    up = Command(data, "up", str(topology))
    try:
        killed = moved(up, data, grow, is_all, wanted)
        assert up.stop() == 0, up.log.read_text()[-2000:]
    finally:
        up.kill()

    assert killed >= KILLS
    assert records(data, list(wanted)) == wanted
    require_lines(lines)
    with closing(sqlite3.connect(database)) as opened:
        taken = opened.execute("SELECT id, item FROM taken ORDER BY id").fetchall()
    assert taken == [(each, f"item {each}") for each in range(ROWS["sql"])]
    # None is lost; one that came twice came under the same id.
    assert sorted(numbers[0] for numbers in server.taken.values()) == list(range(ROWS["http"]))
    assert all(len(set(numbers)) == 1 for numbers in server.taken.values())


def require_lines(folder: Path) -> None:
    """Fail unless every row is there, under one id, and in whole lines."""
    said = [json.loads(line) for path in folder.iterdir() for line in path.read_text().splitlines()]
    by_id = {each["id"]: each["value"] for each in said}
    assert sorted(each["id"] for each in by_id.values()) == list(range(ROWS["files"]))
    assert all(each["value"] == by_id[each["id"]] for each in said)


@pytest.mark.servers
def test_rows_of_postgresql_come_through_kills_as_if_once_each(tmp_path: Path, postgresql: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(postgresql, autocommit=True) as opened:
        for table in ("given", "taken"):
            opened.execute(f"DROP TABLE IF EXISTS {table}")
            opened.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, item TEXT)")
    asked = {"query": POSTGRESQL_QUERY, "cursor": "id", "start": -1, "key": "id", "every_s": 0.1}
    topology = declared(
        {
            "postgresql": (
                "postgresql:PostgresqlRows",
                {"url": postgresql, **asked},
                "postgresql:PostgresqlUpsert",
                {"url": postgresql, **TABLE},
            )
        },
        tmp_path,
    )
    inserted = 0

    def grow(share: float) -> None:
        nonlocal inserted
        numbers = range(inserted, round(share * ROWS["postgresql"]))
        inserted = numbers.stop
        with psycopg.connect(postgresql) as opened, opened.cursor() as cursor:
            cursor.executemany("INSERT INTO given VALUES (%(id)s, %(item)s)", [row(each) for each in numbers])

    def taken() -> list[tuple[int, str]]:
        with psycopg.connect(postgresql) as opened:
            found: list[tuple[int, str]] = opened.execute("SELECT id, item FROM taken ORDER BY id").fetchall()
        return found

    data = tmp_path / "data"
    data.mkdir()
    wanted = {"postgresql": ROWS["postgresql"]}
    up = Command(data, "up", str(topology))
    try:
        moved(up, data, grow, lambda: len(taken()) >= ROWS["postgresql"], wanted)
        assert up.stop() == 0, up.log.read_text()[-2000:]
    finally:
        up.kill()

    assert taken() == [(each, f"item {each}") for each in range(ROWS["postgresql"])]
