"""What `Documents.search` promises, held by every implementation."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catenae.errors import StoreError
from catenae.store import Between, Documents
from catenae.stores import open_documents
from catenae.stores.search_words import holds, phrases_of, words_of
from tests.contract.test_documents_contract import DOCUMENTS, EVERY, SHARED

every_implementation = pytest.mark.parametrize("url", EVERY, indirect=True)
shared_implementations = pytest.mark.parametrize("url", SHARED, indirect=True)


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return DOCUMENTS[request.param](request)


@pytest.fixture
def documents(url: str) -> Iterator[Documents]:
    with closing(open_documents(url)) as opened:
        opened.ensure_search("posts", ["title", "body"], "at")
        yield opened


def post(name: str, body: str, at: int = 1, **fields: Any) -> dict[str, Any]:
    return {"id": name, "body": body, "at": at, **fields}


def found(documents: Documents, text: str, **how: Any) -> list[str]:
    return [each["id"] for each in documents.search("posts", text, **how).documents]


@every_implementation
def test_every_word_must_be_there_whole_in_any_field_case_and_accent(documents: Documents) -> None:
    documents.upsert("posts", [post("a", "No sleep at the CAFÉ", title="Tired"), post("b", "no sleepers")])

    assert found(documents, "tired sleep") == ["a"]
    assert found(documents, "cafe") == found(documents, "Cafe\u0301") == ["a"]
    assert found(documents, "No") == ["b", "a"] or found(documents, "No") == ["a", "b"]
    assert found(documents, "sleep awake") == []


@every_implementation
def test_what_is_between_quotation_marks_stands_together(documents: Documents) -> None:
    documents.upsert("posts", [post("a", "so tired of it"), post("b", "tired, and so it goes")])

    assert found(documents, '"so tired" it') == ["a"]


@every_implementation
def test_a_script_without_spaces_is_searched_by_what_stands_together(documents: Documents) -> None:
    documents.upsert("posts", [post("a", "我最近很抑郁，睡不着"), post("b", "郁金香抑扬顿挫")])

    assert found(documents, "抑郁") == ["a"]
    assert found(documents, "睡不着 抑郁") == ["a"]


@every_implementation
@pytest.mark.parametrize("text", ["", "  ", "!?", '""', "***"])
def test_a_text_without_a_word_finds_nothing(documents: Documents, text: str) -> None:
    documents.upsert("posts", [post("a", "a word")])

    assert documents.search("posts", text).documents == []


@every_implementation
@pytest.mark.parametrize(
    "text", ["OR", "a AND NOT b*", "body:a", "^a NEAR(b)", "-a", "'; --", "{a} a+b", "$a"]
)
def test_no_word_is_an_operator(documents: Documents, text: str) -> None:
    documents.upsert("posts", [post("a", "nothing of that")])

    assert found(documents, text) == []


@every_implementation
def test_the_greatest_order_comes_first_in_pages_without_gap_or_repetition(documents: Documents) -> None:
    documents.upsert("posts", [post(f"{n}", "word", at=n // 2) for n in range(7)])

    pages, cursor = list[str](), None
    while True:
        page = documents.search("posts", "word", limit=2, cursor=cursor)
        pages += [each["id"] for each in page.documents]
        cursor = page.cursor
        if cursor is None:
            break

    assert sorted(pages) == [f"{n}" for n in range(7)]
    assert [int(each) // 2 for each in pages] == [3, 2, 2, 1, 1, 0, 0]


@every_implementation
def test_between_and_where_narrow_what_is_found(documents: Documents) -> None:
    documents.upsert("posts", [post(f"{n}", "word", at=n, kind="odd" if n % 2 else "even") for n in range(6)])

    assert found(documents, "word", between=Between(2, 5)) == ["4", "3", "2"]
    assert found(documents, "word", between=Between(below=2)) == ["1", "0"]
    assert found(documents, "word", where={"kind": "odd"}, between=Between(1)) == ["5", "3", "1"]


@every_implementation
def test_what_is_written_by_any_way_is_found_as_it_is_now(documents: Documents) -> None:
    documents.upsert("posts", [post("a", "first")])
    assert found(documents, "first") == ["a"]
    documents.upsert("posts", [post("a", "second")])
    documents.insert("posts", post("b", "second", at=2))
    documents.insert_new("posts", [post("c", "second", at=3)])
    documents.merge("posts", [{"id": "b", "body": "third"}, {"id": "d", "body": "third", "at": 9}])

    assert found(documents, "first") == []
    assert found(documents, "second") == ["c", "a"]
    assert found(documents, "third") == ["d", "b"]


@every_implementation
def test_what_moves_in_its_order_is_found_there(documents: Documents) -> None:
    documents.upsert("posts", [post("a", "word", at=1), post("b", "word", at=2)])
    assert found(documents, "word") == ["b", "a"]

    documents.merge("posts", [{"id": "a", "at": 3}])

    assert found(documents, "word") == ["a", "b"]


@every_implementation
def test_what_is_deleted_is_found_no_more(documents: Documents) -> None:
    documents.upsert("posts", [post("a", "word"), post("b", "word")])
    assert len(found(documents, "word")) == 2

    documents.delete("posts", ["a"])

    assert found(documents, "word") == ["b"]


@every_implementation
def test_what_was_stored_before_anybody_searched_is_found(url: str) -> None:
    with closing(open_documents(url)) as documents:
        documents.upsert("posts", [post(f"{n}", "word", at=n) for n in range(30)])
        documents.ensure_search("posts", ["body"], "at")

        assert found(documents, "word", limit=2) == ["29", "28"]


@every_implementation
def test_a_search_shows_documents_as_they_were_stored(documents: Documents) -> None:
    documents.upsert("posts", [post("a", "word", more={"of": [1, None]})])
    found(documents, "word")

    assert documents.search("posts", "word").documents == [post("a", "word", more={"of": [1, None]})]
    assert documents.get("posts", "a") == post("a", "word", more={"of": [1, None]})
    assert documents.collections() == ["posts"]


@shared_implementations
def test_what_another_process_writes_is_found_though_it_does_not_search(
    url: str, documents: Documents
) -> None:
    with closing(open_documents(url)) as writer:
        writer.upsert("posts", [post("a", "word"), post("b", "word", at=2)])
        assert found(documents, "word") == ["b", "a"]
        writer.upsert("posts", [post("a", "other")])
        writer.delete("posts", ["b"])

    assert found(documents, "word") == []
    assert found(documents, "other") == ["a"]


@every_implementation
def test_a_search_of_what_nobody_prepared_says_what_to_do(documents: Documents) -> None:
    with pytest.raises(StoreError, match="ensure_search"):
        documents.search("users", "word")


@every_implementation
def test_a_collection_is_searched_in_one_way(documents: Documents) -> None:
    documents.ensure_search("posts", ["title", "body"], "at")

    with pytest.raises(StoreError, match="other fields"):
        documents.ensure_search("posts", ["body"], "at")


WORDS = st.lists(st.sampled_from(["red", "Green", "blue", "été", "睡觉"]), max_size=4).map(" ".join)
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["upsert", "merge", "delete", "search"]),
        st.sampled_from(["a", "b", "c"]),
        WORDS,
        st.integers(0, 3),
    ),
    max_size=12,
)


@pytest.mark.parametrize("url", ["memory"], indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, text=WORDS)
def test_whatever_is_done_what_is_found_is_what_holds_the_words(
    documents: Documents, changes: list[tuple[str, str, str, int]], text: str
) -> None:
    documents.delete("posts", ["a", "b", "c"])
    for do, name, body, at in changes:
        if do == "delete":
            documents.delete("posts", [name])
        elif do == "search":
            documents.search("posts", body)
        else:
            getattr(documents, do)("posts", [post(name, body, at)])

    kept = documents.find("posts").documents
    phrases = phrases_of(text)
    right = {each["id"] for each in kept if phrases and holds(words_of(each["body"]), phrases)}
    assert set(found(documents, text)) == right
