"""A Weibo collection as a stream, and as a collection to train on."""

import json
from pathlib import Path
from typing import Any

import pytest

from catenae import ConfigError, Message
from services.depression.model.collection import CollectionError
from services.depression.model.collections import open_collection
from services.weibo.demo import write_labelled, write_weibo
from services.weibo.reader import WeiboReader


def user(name: Any, *contents: str, label: Any = "0") -> dict[str, Any]:
    written = [
        {"tweet_content": each, "posting_time": f"2020-01-{number:02} 00:00"}
        for number, each in enumerate(contents, start=1)
    ]
    return {"nickname": name, "label": label, "tweets": written}


def write(folder: Path, *rows: Any, name: str = "users.json") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    return folder


def messages(path: Path, position: Any = None) -> list[Message]:
    return [each for each in WeiboReader(path).generate(position) if each is not None]


def test_each_tweet_is_a_message_of_its_user(tmp_path: Path) -> None:
    read = messages(write(tmp_path / "w", user("甲", "一", "二"), user("乙", "三")))

    assert [(each.key, each.value["body"]) for each in read] == [("甲", "一"), ("甲", "二"), ("乙", "三")]


def test_it_goes_on_behind_any_message(tmp_path: Path) -> None:
    write(tmp_path / "w", user("甲", "一", "二"), "odd", user("乙", "三", " "))
    write(tmp_path / "w", user("丙", "四"), name="a.json")
    read = messages(tmp_path / "w")

    for number, each in enumerate(read, start=1):
        assert messages(tmp_path / "w", each.position) == read[number:]
    assert [each.position[0] for each in read] == ["a.json", *["users.json"] * 5]


def test_what_is_odd_stops_nothing_and_says_why(tmp_path: Path) -> None:
    read = messages(
        write(tmp_path / "w", "odd", user(None), {"nickname": "甲"}, user("乙", "好", "转发微博"))
    )

    assert [each.rejected for each in read] == ["not an object", "no author", "no tweets", "", "no text"]


def test_a_damaged_file_ends_it_after_what_comes_before(tmp_path: Path) -> None:
    file = write(tmp_path / "w", user("甲", "一")) / "users.json"
    file.write_text(file.read_text("utf-8")[:-1] + ", {", "utf-8")
    found = WeiboReader(file).generate(None)

    assert [each.key for each in (next(found), next(found)) if each] == ["甲"]
    with pytest.raises(ConfigError, match=r"no JSON\. Check the name, or fetch the file again"):
        list(found)


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_where_there_is_nothing_to_read_it_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(ConfigError, match=r"where there is no \.json file\. Name a file of users"):
        WeiboReader(tmp_path / name)


def test_it_can_be_trained_on_by_the_labels_of_its_users(tmp_path: Path) -> None:
    rows = (
        user("甲", "一", "二", label="1"),
        user("乙", "三"),
        user("丙", "四", label="?"),
        user("丁"),
        ["odd"],
    )
    collection = open_collection(write(tmp_path / "w", *rows))

    assert collection.truth == {"甲": True, "乙": False}
    assert [post.text for post in collection.posts["甲"]] == ["一", "二"]
    assert collection.set_aside == {
        "user without a label 0 or 1": 1,
        "user without posts": 1,
        "user not in the truth": 1,
        "not an object": 1,
    }


def test_who_has_both_labels_is_left_out(tmp_path: Path) -> None:
    rows = (user("甲", "一", label="1"), user("甲", "二", label="0"), user("乙", "三"))

    assert open_collection(write(tmp_path / "w", *rows)).truth == {"乙": False}


def test_a_collection_in_which_nobody_is_labelled_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="no user with a nickname and a label 0 or 1"):
        open_collection(write(tmp_path / "w", {"nickname": "甲"}))


def test_a_generated_one_is_always_the_same_and_of_people_who_never_were(tmp_path: Path) -> None:
    written = write_weibo(tmp_path / "one", users=20, posts=400)
    write_weibo(tmp_path / "two", users=20, posts=400)

    files = [(tmp_path / name / "weibo.json").read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]
    collection = open_collection(tmp_path / "one")
    assert len(collection.truth) == 20
    assert sum(map(len, collection.posts.values())) + collection.set_aside["bad posting_time"] == written
    assert all(each.value["generated"] for each in messages(tmp_path / "one") if not each.rejected)


def test_generated_posts_are_labelled_by_whether_they_show_a_sign(tmp_path: Path) -> None:
    written = write_labelled(tmp_path / "posts", users=40, posts=1200, seed=3)
    rows = [json.loads(line) for line in (tmp_path / "posts" / "posts.jsonl").read_text("utf-8").splitlines()]

    assert len(rows) == written
    assert 0 < sum(row["label"] for row in rows) < written / 5
