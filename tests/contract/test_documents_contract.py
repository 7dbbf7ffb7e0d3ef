"""What `catenae.store.Documents` promises, held by every implementation; a new one adds a line below."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catenae.errors import CodecError, StoreError
from catenae.store import Between, Document, Documents
from catenae.stores import open_documents
from tests.examples import share

DOCUMENTS: dict[str, Callable[[pytest.FixtureRequest], str]] = {
    "memory": lambda _: "sqlite:",
    "sqlite": lambda request: f"sqlite:{request.getfixturevalue('tmp_path')}/documents.sqlite",
    "mongodb": lambda request: f"{request.getfixturevalue('mongodb')}contract_{uuid4().hex}",
}
EVERY = ["memory", "sqlite", pytest.param("mongodb", marks=pytest.mark.servers)]
SHARED = EVERY[1:]
# FerretDB 1, unlike MongoDB, reads a document, changes it and writes it back.
AT_ONCE = [*EVERY[:2], pytest.param("mongodb", marks=[pytest.mark.servers, pytest.mark.xfail])]
ALL_OR_NONE = ["sqlite"]


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return DOCUMENTS[request.param](request)


@pytest.fixture
def documents(url: str) -> Iterator[Documents]:
    opened = open_documents(url)
    yield opened
    opened.close()


every_implementation = pytest.mark.parametrize("url", EVERY, indirect=True)
shared_implementations = pytest.mark.parametrize("url", SHARED, indirect=True)


def pages(documents: Documents, limit: int, **query: Any) -> Iterator[list[Document]]:
    cursor = None
    while True:
        page = documents.find("posts", limit=limit, cursor=cursor, **query)
        yield list(page.documents)
        cursor = page.cursor
        if cursor is None:
            return


def ids(found: Iterable[Sequence[Document]]) -> list[str]:
    return [document["id"] for page in found for document in page]


@every_implementation
def test_an_upsert_stores_and_replaces(documents: Documents) -> None:
    documents.upsert("posts", [{"id": "a", "title": "first", "old": 1}, {"id": "b"}])
    documents.upsert("posts", [{"id": "a", "title": "second"}])

    assert documents.get("posts", "a") == {"id": "a", "title": "second"}
    assert documents.count("posts") == 2
    assert documents.get("posts", "c") is None


@every_implementation
def test_the_last_of_equal_ids_in_one_upsert_stays(documents: Documents) -> None:
    documents.upsert("posts", [{"id": "a", "n": 1}, {"id": "a", "n": 2}])

    assert documents.find("posts").documents == [{"id": "a", "n": 2}]


@every_implementation
@pytest.mark.parametrize(
    "bad", [{"id": 7}, {"n": 1}, {"id": "b", "n": float("nan")}, {"id": "b", "n": {1, 2}}]
)
def test_an_upsert_with_an_unfit_document_stores_none(documents: Documents, bad: Document) -> None:
    with pytest.raises((StoreError, CodecError), match="posts"):
        documents.upsert("posts", [{"id": "a"}, bad])

    assert documents.count("posts") == 0


@every_implementation
def test_any_unicode_text_comes_back_as_it_was(documents: Documents) -> None:
    texts = ["a\x00b", "\u202eright to left", "'; DROP TABLE posts; --", "é😀", "x" * 1_000_000]
    stored = [{"id": text, "body": text, "nested": {"list": [text, None, 1.5, True]}} for text in texts]

    documents.upsert("posts", stored)

    assert [documents.get("posts", text) for text in texts] == stored


@every_implementation
def test_any_json_value_comes_back_as_it_was(documents: Documents) -> None:
    values: list[Any] = [0, -1, 2**31, 2**53 + 1, -(2**63), 0.1, 1e308, 5e-324, 1.0, True, None, "", [], {}]
    # No list directly within a list: FerretDB does not take one.
    nested = {"id": "nested", "list": [{"deep": each} for each in values], "a b": {"Ä": {"0": values[:-2]}}}
    stored = [{"id": f"{number}", "value": value} for number, value in enumerate(values)] + [nested]

    documents.upsert("posts", stored)

    # Text tells 1 from 1.0 and True.
    assert [repr(documents.get("posts", each["id"])) for each in stored] == [repr(each) for each in stored]


@every_implementation
@pytest.mark.parametrize("bad", [{"id": "half \ud83d a pair"}, {"id": "b", "body": "half \ud83d a pair"}])
def test_what_is_not_unicode_is_refused_and_nothing_is_stored(documents: Documents, bad: Document) -> None:
    with pytest.raises(CodecError, match="surrogate"):
        documents.upsert("posts", [{"id": "a"}, bad])

    assert documents.count("posts") == 0


@every_implementation
def test_an_insert_leaves_what_is_there(documents: Documents) -> None:
    assert documents.insert("posts", {"id": "a", "n": 1})
    assert not documents.insert("posts", {"id": "a", "n": 2})

    assert documents.get("posts", "a") == {"id": "a", "n": 1}


@every_implementation
def test_of_equal_inserts_at_once_one_is_stored(documents: Documents) -> None:
    with ThreadPoolExecutor(4) as threads:
        stored = list(threads.map(lambda n: documents.insert("posts", {"id": "a", "n": n}), range(8)))

    assert sum(stored) == 1
    assert documents.get("posts", "a") == {"id": "a", "n": stored.index(True)}


@every_implementation
def test_what_is_new_is_inserted_and_the_rest_is_named(documents: Documents) -> None:
    documents.insert("posts", {"id": "a", "n": 1})

    there = documents.insert_new("posts", [{"id": each, "n": 2} for each in ("b", "a", "c")])

    assert there == {"a"}
    assert {each["id"]: each["n"] for each in documents.find("posts").documents} == {"a": 1, "b": 2, "c": 2}
    assert documents.insert_new("posts", []) == set()


@every_implementation
def test_of_equal_new_ones_at_once_one_is_stored(documents: Documents) -> None:
    ids = [f"{number}" for number in range(25)]
    with ThreadPoolExecutor(4) as threads:
        there = list(
            threads.map(
                lambda n: documents.insert_new("posts", [{"id": each, "n": n} for each in ids]), range(4)
            )
        )

    assert sum(len(each) for each in there) == 3 * len(ids)
    assert all(each["id"] not in there[each["n"]] for each in documents.find("posts").documents)


@every_implementation
def test_a_merge_sets_and_removes_the_fields_it_names(documents: Documents) -> None:
    documents.upsert(
        "posts", [{"id": "a", "label": "risk", "by": "ann", "score": {"last": 1, "best": 2}, "at": None}]
    )

    assert documents.merge("posts", [{"id": "a", "label": "no_risk", "by": None, "score": {"last": 3}}]) == 1

    assert documents.get("posts", "a") == {"id": "a", "label": "no_risk", "score": {"last": 3}, "at": None}


@every_implementation
def test_a_merge_creates_what_is_missing_unless_told_not_to(documents: Documents) -> None:
    assert documents.merge("posts", [{"id": "a", "n": 1}], create=False) == 0
    assert documents.count("posts") == 0

    assert documents.merge("posts", [{"id": "a", "n": 1, "old": None}, {"id": "b"}, {"id": "a", "m": 2}]) == 3
    assert documents.get_many("posts", ["a", "b"]) == {"a": {"id": "a", "n": 1, "m": 2}, "b": {"id": "b"}}


@pytest.mark.parametrize("url", AT_ONCE, indirect=True)
def test_of_two_that_merge_each_keeps_its_fields(documents: Documents) -> None:
    def count_up(name: str) -> None:
        for number in range(30):
            documents.merge("posts", [{"id": "a", name: number}])

    documents.insert("posts", {"id": "a"})
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(count_up, ["left", "right"]))

    assert documents.get("posts", "a") == {"id": "a", "left": 29, "right": 29}


@every_implementation
@pytest.mark.parametrize("name", ["a.b", "$set", "Upper", ""])
def test_a_merge_of_an_unfit_field_changes_nothing(documents: Documents, name: str) -> None:
    with pytest.raises(StoreError, match="field"):
        documents.merge("posts", [{"id": "a"}, {"id": "b", name: 1}])

    assert documents.count("posts") == 0


@every_implementation
def test_several_are_got_at_once(documents: Documents) -> None:
    names = ["a", "'; --", "\u202e😀", '"', "a\x00b"]
    documents.upsert("posts", [{"id": name, "name": name} for name in names])

    assert documents.get_many("posts", [*names, "absent", "a"]) == {
        name: {"id": name, "name": name} for name in names
    }
    assert documents.get_many("posts", []) == {}
    assert documents.get_many("nothing", ["a"]) == {}


BETWEEN: list[tuple[Between, str]] = [
    (Between(1, 3), "bc"),
    (Between(1.5), "cd"),
    (Between(below=2), "ab"),
    (Between("x"), "ef"),
    (Between("x", "y"), "e"),
    (Between(below="y"), "e"),
    (Between("y", "x"), ""),
]


@every_implementation
@pytest.mark.parametrize("indexed", [False, True])
def test_find_and_count_take_bounds_of_numbers_and_of_texts(documents: Documents, indexed: bool) -> None:
    values = {"a": -1e308, "b": 1, "c": 2, "d": 3, "e": "x", "f": "y", "g": None}
    documents.upsert("posts", [{"id": name, "n": value} for name, value in values.items()] + [{"id": "h"}])
    if indexed:
        documents.ensure_index("posts", ["n"])

    for between, found in BETWEEN:
        assert "".join(ids(pages(documents, 2, where={"n": between}, sort="n"))) == found
        assert documents.count("posts", {"n": between}) == len(found)


@every_implementation
def test_ids_are_found_by_how_they_begin(documents: Documents) -> None:
    documents.upsert("posts", [{"id": name} for name in ("an", "ann", "anna", "ano", "Ann")])

    assert ids(pages(documents, 1, where={"id": Between("ann", "ano")})) == ["ann", "anna"]


@every_implementation
@pytest.mark.parametrize("unfit", [Between(), Between(1, "a"), Between(True, 2), Between([1], [2])])  # type: ignore[arg-type]
def test_bounds_of_no_kind_or_of_two_are_refused(documents: Documents, unfit: Between) -> None:
    with pytest.raises(StoreError, match="field"):
        documents.find("posts", {"n": unfit})


FOUND: list[tuple[Document, str]] = [
    ({}, "abc"),
    ({"id": "b"}, "b"),
    ({"tag": "risk"}, "ab"),
    ({"tag": None}, "c"),
    ({"tag": "risk", "hidden": True}, "b"),
    ({"score.last": 0.5}, "a"),
    ({"score.last": "0.5"}, ""),
    ({"nobody": 1}, ""),
]


@every_implementation
def test_find_and_count_take_equal_fields(documents: Documents) -> None:
    documents.upsert(
        "posts",
        [
            {"id": "a", "tag": "risk", "score": {"last": 0.5}, "hidden": False},
            {"id": "b", "tag": "risk", "score": {"last": 1}, "hidden": True},
            {"id": "c", "tag": None},
        ],
    )

    assert [(equal, "".join(ids([documents.find("posts", equal).documents]))) for equal, _ in FOUND] == FOUND
    assert [documents.count("posts", equal) for equal, _ in FOUND] == [len(found) for _, found in FOUND]


@every_implementation
def test_find_returns_the_fields_that_are_asked_for(documents: Documents) -> None:
    score = {"last": 0.1, "best": 1.0, "words": ["tea", 1], "sure": True}
    documents.upsert("posts", [{"id": "a\x00😀", "body": "long", "score": score}, {"id": "b", "score": None}])
    fields = ["score.sure", "score.last", "id", "score", "score.last", "nobody.here", "body"]

    found = documents.find("posts", fields=fields).documents

    names = ["id", "score.sure", "score.last", "score", "nobody.here", "body"]
    # Text tells 1 from True.
    assert [repr(each) for each in found] == [
        repr(dict(zip(names, values, strict=True)))
        for values in (["a\x00😀", True, 0.1, score, None, "long"], ["b", None, None, None, None, None])
    ]


@every_implementation
def test_find_returns_ids_alone(documents: Documents) -> None:
    documents.upsert("posts", [{"id": name, "body": "long", "n": 1} for name in ("a", "b\x00", '"')])

    for fields in ([], ["id"]):
        found = documents.find("posts", sort="n", fields=fields).documents
        assert found == [{"id": '"'}, {"id": "a"}, {"id": "b\x00"}]


@every_implementation
@given(st.sets(st.sampled_from(["n", "n.m", "other", "id"])), st.sampled_from(["id", "n.m"]), st.booleans())
@settings(max_examples=share(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fields_asked_for_change_neither_what_is_found_nor_the_pages(
    documents: Documents, fields: set[str], sort: str, descending: bool
) -> None:
    values = [None, 1, 0.5, "text", "", None]
    documents.upsert("posts", [{"id": f"{each}", "n": {"m": m}} for each, m in enumerate(values)])
    query: dict[str, Any] = {"sort": sort, "descending": descending}

    found = list(pages(documents, 2, fields=list(fields), **query))

    assert [[each["id"] for each in page] for page in found] == [
        [each["id"] for each in page] for page in pages(documents, 2, **query)
    ]


@every_implementation
def test_documents_without_the_sort_field_come_first_or_last_descending(documents: Documents) -> None:
    values = {"a": 2, "b": None, "c": -1e308, "d": "text", "e": 2}
    documents.upsert("posts", [{"id": name, "n": value} for name, value in values.items()] + [{"id": "f"}])

    assert ids(pages(documents, 2, sort="n")) == ["b", "f", "c", "a", "e", "d"]
    assert ids(pages(documents, 2, sort="n", descending=True)) == ["d", "e", "a", "c", "f", "b"]


@every_implementation
def test_the_last_page_has_no_cursor(documents: Documents) -> None:
    documents.upsert("posts", [{"id": f"{number}"} for number in range(4)])

    assert [len(page) for page in pages(documents, 2)] == [2, 2]
    assert documents.find("nothing").cursor is None


@every_implementation
@pytest.mark.parametrize("indexed", [False, True])
@given(
    st.lists(st.none() | st.integers(0, 5) | st.sampled_from("abc"), max_size=12),
    st.booleans(),
    st.integers(1, 5),
)
@settings(max_examples=share(15), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_are_the_sorted_whole_cut_into_pieces(
    documents: Documents, indexed: bool, values: list[Any], descending: bool, limit: int
) -> None:
    documents.delete("posts", [f"{number:02}" for number in range(12)])
    documents.ensure_index("posts", ["n"] if indexed else ["other"])
    documents.upsert("posts", [{"id": f"{number:02}", "n": value} for number, value in enumerate(values)])

    found = ids(pages(documents, limit, sort="n", descending=descending))

    rank = [(value is not None, isinstance(value, str), value) for value in values]
    order = sorted(range(len(values)), key=lambda number: (rank[number], number), reverse=descending)
    assert found == [f"{number:02}" for number in order]


@every_implementation
@pytest.mark.parametrize("descending", [False, True])
def test_paging_neither_skips_nor_repeats_while_others_insert(documents: Documents, descending: bool) -> None:
    random = Random(7)
    original = [{"id": f"old {number}", "n": random.randrange(9)} for number in range(50)]
    documents.upsert("posts", original)

    found = []
    for page in pages(documents, 7, sort="n", descending=descending):
        found += [document["id"] for document in page]
        documents.upsert(
            "posts", [{"id": f"new {random.random()}", "n": random.randrange(9)} for _ in range(5)]
        )

    assert len(set(found)) == len(found)
    assert {document["id"] for document in original} <= set(found)


@every_implementation
def test_a_foreign_cursor_is_refused(documents: Documents) -> None:
    for cursor in ("", "nonsense", "WzFd", "é", "e30="):
        with pytest.raises(StoreError, match="cursor"):
            documents.find("posts", sort="n", cursor=cursor)


@every_implementation
def test_an_unfit_collection_name_is_refused(documents: Documents) -> None:
    for name in ("", "Posts", "1st", 'p"; --', "sqlite_master", "a.b", "a\n", "é"):
        with pytest.raises(StoreError, match="collection"):
            documents.upsert(name, [{"id": "a"}])
        with pytest.raises(StoreError, match="collection"):
            documents.find(name)


@every_implementation
def test_an_unfit_field_name_is_refused(documents: Documents) -> None:
    for name in ("", "Title", "a'b", "a..b", "a.", "$", "a\n"):
        with pytest.raises(StoreError, match="field"):
            documents.find("posts", sort=name)
        with pytest.raises(StoreError, match="field"):
            documents.find("posts", {name: 1})
        with pytest.raises(StoreError, match="field"):
            documents.find("posts", fields=[name])
        with pytest.raises(StoreError, match="field"):
            documents.ensure_index("posts", [name])


@every_implementation
def test_an_incomparable_value_is_refused(documents: Documents) -> None:
    documents.upsert("posts", [{"id": "a"}])

    for value in ([1], {"a": 1}, b"bytes", "a\x00b", 2**70):
        with pytest.raises(StoreError, match="compared"):
            documents.count("posts", {"tag": value})


@every_implementation
def test_a_page_has_at_least_one_document(documents: Documents) -> None:
    with pytest.raises(StoreError, match="limit"):
        documents.find("posts", limit=0)


@every_implementation
def test_delete_says_how_many_there_were(documents: Documents) -> None:
    documents.upsert("posts", [{"id": "a"}, {"id": "b"}])

    assert documents.delete("posts", ["a", "a", "z"]) == 1
    assert documents.delete("posts", []) == 0
    assert documents.delete("nothing", ["a"]) == 0
    assert [document["id"] for document in documents.find("posts").documents] == ["b"]


@every_implementation
def test_collections_are_those_that_hold_a_document(documents: Documents) -> None:
    documents.ensure_index("empty", ["a"])
    documents.upsert("users", [{"id": "a"}])
    documents.upsert("posts", [{"id": "a"}])
    documents.upsert("gone", [{"id": "a"}])
    documents.delete("gone", ["a"])

    assert sorted(documents.collections()) == ["posts", "users"]


@every_implementation
def test_an_index_may_be_ensured_again_and_later(documents: Documents) -> None:
    documents.upsert("posts", [{"id": "a", "tag": "risk", "at": 2}, {"id": "b", "tag": "risk", "at": 1}])
    for _ in range(2):
        documents.ensure_index("posts", ["tag", "at"])

    assert ids(pages(documents, 9, where={"tag": "risk"}, sort="at")) == ["b", "a"]


@every_implementation
def test_threads_share_one_instance(documents: Documents) -> None:
    def store(thread: int) -> int:
        for number in range(20):
            documents.upsert("posts", [{"id": f"{thread}-{number}", "thread": thread}])
        return documents.count("posts", {"thread": thread})

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(store, range(4))) == [20] * 4


@shared_implementations
def test_closed_and_opened_again_it_keeps_all(url: str, documents: Documents) -> None:
    documents.upsert("posts", [{"id": "a"}])
    documents.close()

    again = open_documents(url)
    found = again.get("posts", "a")
    again.close()

    assert found == {"id": "a"}


ANOTHER_PROCESS = """
import sys
from itertools import count
from catenae.stores import open_documents

documents = open_documents(sys.argv[1])
for number in count(1):
    documents.upsert("posts", [{"id": str(i), "round": number} for i in range(100)])
    documents.upsert("theirs", [{"id": str(number)}])
    print(number, flush=True)
"""


@pytest.mark.lengthy
@shared_implementations
def test_a_process_killed_while_it_writes_leaves_the_first_of_a_round(
    request: pytest.FixtureRequest, url: str, documents: Documents
) -> None:
    command = [sys.executable, "-c", ANOTHER_PROCESS, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for number in range(30):
            lines.append(process.stdout.readline())
            documents.upsert("ours", [{"id": f"{number}"}])
        process.kill()
        lines += process.stdout.readlines()

    theirs = int(lines[-1])
    stored = {document["id"]: document["round"] for document in documents.find("posts").documents}
    rounds = [stored[f"{number}"] for number in range(100)]
    assert rounds == sorted(rounds, reverse=True)
    assert set(rounds) <= {theirs, theirs + 1}
    assert len(set(rounds)) == 1 or request.node.callspec.params["url"] not in ALL_OR_NONE
    assert documents.count("theirs") - theirs in (0, 1)
    assert documents.count("ours") == 30
