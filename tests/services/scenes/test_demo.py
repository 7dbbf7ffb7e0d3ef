"""Generated posts with images: of which it is known how many can be judged as they are labelled."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.classifiers.labelled import open_labelled
from services.depression.demo.files import DemoError
from services.depression.demo.phrases import SIGNS
from services.reddit.records import text_record
from services.reddit.replay import Replay
from services.scenes.demo import REACHABLE, Painted, painted, write_painted
from services.scenes.drawing import Mood

pytestmark = pytest.mark.lengthy

SIGN = re.compile("|".join(re.sub(r"\\{\w+\\}", ".+", re.escape(each)) for each in SIGNS))
CHEERFUL = re.compile("a lovely .*laughed|slept well|so happy|great time|rested and glad")


@pytest.fixture(scope="module")
def posts() -> list[Painted]:
    return painted(users=10, posts=400, seed=3)


def seen(post: Painted) -> Mood:
    """Return what whoever knows how scenes are drawn sees."""
    sky = Image.open(io.BytesIO(post.image)).crop((0, 0, 160, 40))
    red, _, blue = np.asarray(sky, np.float64).mean((0, 1))
    if red + blue < 220:
        return Mood.LOW
    return Mood.WELL if blue - red > 25 else Mood.NEITHER


def read(post: Painted) -> Mood:
    if SIGN.search(post.text):
        return Mood.LOW
    return Mood.WELL if CHEERFUL.search(post.text) else Mood.NEITHER


def test_whoever_sees_all_there_is_to_see_is_right_of_nine_in_ten(posts: list[Painted]) -> None:
    moods = [(seen(post), read(post)) for post in posts]

    told = [set(each) - {Mood.NEITHER} for each in moods]
    assert all(len(each) == 1 for each in told)
    right = sum((each == {Mood.LOW}) == post.is_positive for each, post in zip(told, posts, strict=True))
    assert right / len(posts) == REACHABLE


def test_neither_text_nor_image_tells_it_all(posts: list[Painted]) -> None:
    silent = [sum(mood(post) is Mood.NEITHER for post in posts) for mood in (read, seen)]

    assert silent == [0.35 * len(posts), 0.2 * len(posts)]


def test_equal_numbers_give_equal_posts(posts: list[Painted]) -> None:
    assert painted(users=10, posts=40, seed=3) == painted(users=10, posts=40, seed=3)
    assert painted(users=10, posts=40, seed=3) != painted(users=10, posts=40, seed=4)


def test_what_is_written_is_read_as_records_and_as_labelled_posts(
    posts: list[Painted], tmp_path: Path
) -> None:
    write_painted(tmp_path / "posts", posts[:40], seed=3)

    records = [each.value for each in Replay(tmp_path / "posts" / "posts.jsonl").generate(None) if each]
    labelled = open_labelled(tmp_path / "posts").posts
    assert [text_record(each)["images"] for each in records] == [list(each.images) for each in labelled]
    assert [(each.user, each.text, each.is_positive) for each in labelled] == [
        (each.user, each.text, each.is_positive) for each in posts[:40]
    ]
    assert all(each["generated"] for each in records)


def test_nothing_is_written_over_what_is_somebody_elses(posts: list[Painted], tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()

    with pytest.raises(DemoError, match="holds something else"):
        write_painted(tmp_path, posts, seed=3)
