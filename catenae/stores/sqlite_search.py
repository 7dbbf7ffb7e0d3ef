"""Text search in SQLite: three tables and three triggers beside a collection that somebody searches.

    C~search  place and id of each document, and its words in one form
    C~words   FTS5 over these
    C~stale   ids of documents that were written since, and are looked at before the next search

A place is made of the number that orders what is found, and of one that tells equals apart. FTS5 keeps what
it finds in order of place: the newest of any word come first, however many there are; nothing is sorted.

Triggers alone keep it exact, so that whoever writes, in whatever process, knows nothing of it: a write adds
an id, a removal takes the words away. A collection that nobody searches has none of this.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from catenae.store import Document
from catenae.stores import sqlite_query as query
from catenae.stores.search_words import SearchIndex, other_fields

AT_ONCE = 2000
# Of one moment there may be so many documents: 134 million.
_EQUALS_BITS = 27
_ABOUT, _SEARCH, _WORDS, _STALE = "about", "search", "words", "stale"


def create(connection: sqlite3.Connection, collection: str, index: SearchIndex) -> None:
    """Make the tables and triggers, in a transaction; everything stored so far is stale then.

    Raises StoreError where the collection is searched by other fields.
    """
    about, said = _name(collection, _ABOUT), json.dumps([index.fields, index.order])
    connection.execute(f"CREATE TABLE IF NOT EXISTS {about} (said TEXT PRIMARY KEY)")
    found = [row[0] for row in connection.execute(f"SELECT said FROM {about}")]  # noqa: S608  checked names
    if found == [said]:
        return
    if found:
        raise other_fields(collection)
    connection.execute(f"INSERT INTO {about} VALUES (?)", (said,))  # noqa: S608
    for statement in _statements(collection):
        connection.execute(statement)


def is_stale(connection: sqlite3.Connection, collection: str) -> bool:
    """Say whether something was written that the index does not have."""
    stale = _name(collection, _STALE)
    return connection.execute(f"SELECT 1 FROM {stale} LIMIT 1").fetchone() is not None  # noqa: S608


def bring_up_to_date(connection: sqlite3.Connection, collection: str, index: SearchIndex) -> None:
    """Take some of what is stale into the index, in a transaction."""
    table, search, words, stale = (
        query.table(collection),
        *(_name(collection, each) for each in (_SEARCH, _WORDS, _STALE)),
    )
    rows = connection.execute(
        f"SELECT s.id, document, place, said FROM {stale} s "  # noqa: S608
        f"LEFT JOIN {table} d ON d.id = s.id LEFT JOIN {search} ON key = s.id LIMIT {AT_ONCE}"
    ).fetchall()
    gone, new = [], []
    places = _Places(connection, search)
    for document_id, text, place, former in rows:
        document = None if text is None else msgspec.json.decode(text)
        now = None if document is None else (index.moment(document), " ".join(index.words(document)))
        before = None if place is None else (place >> _EQUALS_BITS, former)
        if now == before:
            continue
        if before is not None:
            gone.append((place, former))
        if now is not None:
            new.append((places.next(now[0]), document_id, now[1]))
    connection.executemany(f"INSERT INTO {words}({words}, rowid, said) VALUES ('delete', ?, ?)", gone)  # noqa: S608
    connection.executemany(f"DELETE FROM {search} WHERE place = ?", [(place,) for place, _ in gone])  # noqa: S608
    connection.executemany(f"INSERT INTO {search} VALUES (?, ?, ?)", new)  # noqa: S608
    in_order = sorted((place, said) for place, _, said in new)
    connection.executemany(f"INSERT INTO {words}(rowid, said) VALUES (?, ?)", in_order)  # noqa: S608
    connection.executemany(f"DELETE FROM {stale} WHERE id = ?", [(row[0],) for row in rows])  # noqa: S608


def find(  # noqa: PLR0913, PLR0917  what `Documents.search` takes
    connection: sqlite3.Connection,
    collection: str,
    phrases: Sequence[Sequence[str]],
    where: Mapping[str, Any],
    between: tuple[int, int],
    before: int | None,
    limit: int,
) -> list[tuple[int, Document]]:
    """Return places and documents that hold every phrase, the last place first, those before `before`."""
    table, search, words = (
        query.table(collection),
        _name(collection, _SEARCH),
        _name(collection, _WORDS),
    )
    condition, values = query.condition(where)
    first, below = (moment << _EQUALS_BITS for moment in between)
    wanted = " AND ".join(f'"{" ".join(phrase)}"' for phrase in phrases)
    rows = connection.execute(
        f"SELECT place, document FROM {words} w CROSS JOIN {search} ON place = w.rowid "  # noqa: S608
        f"CROSS JOIN {table} ON id = key WHERE {words} MATCH ? AND w.rowid >= ? AND w.rowid < ? "
        f"AND {condition} ORDER BY w.rowid DESC LIMIT ?",
        [wanted, first, below if before is None else min(before, below), *values, limit],
    )
    return [(place, msgspec.json.decode(text)) for place, text in rows]


def shrink(connection: sqlite3.Connection) -> None:
    """Have no index hold a word of what was removed any more: FTS5 keeps it until parts are merged."""
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%fts5%'"
    for (name,) in connection.execute(named).fetchall():
        connection.execute(f'INSERT INTO "{name}"("{name}") VALUES (\'optimize\')')  # noqa: S608


class _Places:
    """Hands out places, each once: behind all of its moment that there are."""

    def __init__(self, connection: sqlite3.Connection, search: str) -> None:
        self._connection = connection
        self._statement = f"SELECT max(place) FROM {search} WHERE place >= ? AND place < ?"  # noqa: S608
        self._last: dict[int, int] = {}

    def next(self, moment: int) -> int:
        """Return a place of a moment that nothing has."""
        first = moment << _EQUALS_BITS
        if moment not in self._last:
            below = (moment + 1) << _EQUALS_BITS
            (last,) = self._connection.execute(self._statement, (first, below)).fetchone()
            self._last[moment] = first - 1 if last is None else last
        self._last[moment] += 1
        return self._last[moment]


def _statements(collection: str) -> list[str]:
    table, search, words, stale = (
        query.table(collection),
        *(_name(collection, each) for each in (_SEARCH, _WORDS, _STALE)),
    )
    # Not INSERT OR IGNORE: what the statement that fires the trigger says of conflicts would count here, too.
    is_known = f"EXISTS (SELECT 1 FROM {stale} WHERE id = new.id)"  # noqa: S608
    written = f"BEGIN INSERT INTO {stale} SELECT new.id WHERE NOT {is_known}; END"
    take_away = f"INSERT INTO {words}({words}, rowid, said) SELECT 'delete', place, said FROM {search}"  # noqa: S608
    forget = f"DELETE FROM {search} WHERE key = old.id; DELETE FROM {stale} WHERE id = old.id"  # noqa: S608
    return [
        f"CREATE TABLE {search} (place INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, said TEXT NOT NULL)",
        # Every byte beyond ASCII is of a word to this tokeniser: what is a word, `words_of` has said.
        f"CREATE VIRTUAL TABLE {words} USING fts5(said, content={search}, content_rowid=place, "
        "tokenize=ascii, columnsize=0)",
        f"CREATE TABLE {stale} (id TEXT PRIMARY KEY) WITHOUT ROWID",
        f"CREATE TRIGGER {_name(collection, 'inserted')} AFTER INSERT ON {table} {written}",
        f"CREATE TRIGGER {_name(collection, 'updated')} AFTER UPDATE ON {table} {written}",
        f"CREATE TRIGGER {_name(collection, 'deleted')} AFTER DELETE ON {table} "
        f"BEGIN {take_away} WHERE key = old.id; {forget}; END",
        f"INSERT INTO {stale} SELECT id FROM {table}",  # noqa: S608
    ]


def _name(collection: str, part: str) -> str:
    # The sign keeps the name apart from every collection's.
    return f'"{collection}~{part}"'
