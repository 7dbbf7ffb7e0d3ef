"""Where posts are looked for: each source finds the same words, in its own places, and says what is gone."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae import ConfigError, Documents, open_documents
from services.reddit.client import Item, Page
from services.reddit.errors import RedditUnavailable
from services.topics.sources.collection import CollectionFiles
from services.topics.sources.held import Held
from services.topics.sources.reddit import RedditSearch
from services.topics.sources.source import NotNow, Reading
from services.topics.wanted import FoundPost, Topic

TIRED = Topic(id="t", query="so tired", sources=["held"])


def row(number: int, body: str = "so tired", **fields: Any) -> dict[str, Any]:
    return {
        "id": f"t1_{number}",
        "author": f"user{number}",
        "created_utc": number,
        "body": body,
        "link_id": "t3_1",
        **fields,
    }


def found(reading: Reading) -> list[FoundPost]:
    posts: list[FoundPost] = []
    while True:
        step = reading.step()
        posts += step.posts
        if step.is_done:
            reading.close()
            return posts


def ids(posts: Sequence[FoundPost]) -> list[str]:
    return [post["id"] for post in posts]


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


def held(documents: Documents, *rows: dict[str, Any]) -> Held:
    documents.upsert("posts", [{**each, "kind": "comment"} for each in rows])
    made = Held(documents)
    made.prepare()
    return made


def test_what_is_held_is_found_newest_first_page_by_page(documents: Documents) -> None:
    source = held(documents, *(row(number) for number in range(450)), row(999, "not tired"))

    assert ids(found(source.open(TIRED, None))) == [f"t1_{number}" for number in reversed(range(450))]


def test_a_search_of_what_is_held_goes_on_at_its_place(documents: Documents) -> None:
    source = held(documents, *(row(number) for number in range(450)))
    place = source.open(TIRED, None).step().place

    assert ids(found(source.open(TIRED, place))) == [f"t1_{number}" for number in reversed(range(250))]


def test_what_is_held_of_another_time_or_language_is_not_wanted(documents: Documents) -> None:
    source = held(documents, row(5), row(10, "so tired and it is what it is"), row(20))
    narrow = Topic(id="t", query="tired", sources=["held"], from_utc=5, until_utc=20, languages=["en"])

    assert ids(found(source.open(narrow, None))) == ["t1_10"]


def test_what_is_no_longer_held_is_gone(documents: Documents) -> None:
    assert held(documents, row(1)).gone(["t1_1", "t1_2"]) == ["t1_2"]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    rows = [row(1, location="Madrid, Spain", lang="es"), row(2, "fine"), row(3), row(4, author="[deleted]")]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in rows) + "no json\n")
    (tmp_path / "b.jsonl").write_text(f"{json.dumps(row(5))}\n")
    return tmp_path


def test_a_collection_is_searched_with_what_its_rows_state(files: Path) -> None:
    posts = found(CollectionFiles(files).open(TIRED, None))

    assert ids(posts) == ["t1_1", "t1_3", "t1_5"]
    assert (posts[0]["place"], posts[0]["stated"], posts[0]["language"]) == (
        "ES/Madrid",
        "Madrid, Spain",
        "es",
    )
    assert (posts[1]["place"], posts[1]["stated"]) == ("", "")


def test_a_search_of_a_collection_goes_on_at_its_place(files: Path) -> None:
    assert ids(found(CollectionFiles(files).open(TIRED, ["a.jsonl", 1]))) == ["t1_3", "t1_5"]


def test_a_collection_is_narrowed_by_place(files: Path) -> None:
    spain = Topic(id="t", query="tired", sources=["collection"], places=["ES"])

    assert ids(found(CollectionFiles(files).open(spain, None))) == ["t1_1"]


def test_a_collection_without_rows_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="JSON lines"):
        CollectionFiles(tmp_path)


class Reddit:
    """Finds what is only like the words, too; in pages of two."""

    def __init__(self, rows: Sequence[dict[str, Any]], *, is_away: bool = False) -> None:
        self._items = [Item(number, each) for number, each in enumerate(rows)]
        self._is_away = is_away

    def search(self, text: str, subreddits: str, after: str = "") -> Page:
        if self._is_away:
            raise RedditUnavailable("answered otherwise than expected")
        names = [item.row["id"] for item in self._items]
        start = names.index(after) + 1 if after else 0
        return Page(self._items[start : start + 2], has_more=start + 2 < len(names))

    def look_up(self, names: Sequence[str]) -> list[Item]:
        return [item for item in self._items if item.row["id"] in names]


def submission(number: int, title: str, **fields: Any) -> dict[str, Any]:
    return {"id": f"t3_{number}", "author": "ann", "created_utc": number, "title": title, **fields}


def test_what_reddit_finds_is_looked_at_again() -> None:
    rows = [
        submission(5, "So tired", author_flair_text="London"),
        submission(4, "so very tired"),
        submission(3, "so tired", author="[deleted]"),
        submission(2, "I am so tired"),
    ]
    quoted = Topic(id="t", query='"so tired"', sources=["reddit"])

    posts = found(RedditSearch(Reddit(rows)).open(quoted, None))

    assert ids(posts) == ["t3_5", "t3_2"]
    assert posts[0]["place"] == "GB/London"


def test_a_search_of_reddit_ends_where_all_is_too_old() -> None:
    rows = [submission(number, "so tired") for number in (9, 8, 3, 2, 1)]
    since = Topic(id="t", query="tired", sources=["reddit"], from_utc=5)

    reading = RedditSearch(Reddit(rows)).open(since, None)

    assert not reading.step().is_done
    assert reading.step().is_done


def test_reddit_that_does_not_answer_is_waited_for() -> None:
    with pytest.raises(NotNow, match="otherwise than expected"):
        RedditSearch(Reddit([], is_away=True)).open(TIRED, None).step()


def test_what_reddit_shows_no_more_is_gone() -> None:
    rows = [submission(1, "so tired"), submission(2, "[deleted]", author="[deleted]")]

    assert RedditSearch(Reddit(rows)).gone(["t3_1", "t3_2", "t3_3"]) == ["t3_2", "t3_3"]
