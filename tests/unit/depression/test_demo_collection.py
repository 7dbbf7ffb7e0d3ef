"""The demo collection: generated, says so, and the same again."""

from pathlib import Path

import pytest

from services.depression.demo.files import DemoError, write_demo
from services.depression.demo.people import START_UTC, Person
from services.depression.model.collections import open_collection
from services.reddit.files import open_lines


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_demo(tmp_path / name, users=20, posts=300, seed=seed)
    a, b, c = ((tmp_path / name / "stream.jsonl.gz").read_bytes() for name in "abc")

    assert a == b != c


def test_every_post_and_the_folder_say_that_they_are_generated(tmp_path: Path) -> None:
    write_demo(tmp_path, users=20, posts=300)

    assert all(b'"generated": true' in line.data for line in open_lines(tmp_path / "stream.jsonl.gz"))
    assert (tmp_path / "README.txt").read_text().startswith("GENERATED DATA")


@pytest.mark.lengthy
def test_a_demo_is_a_collection_with_a_few_odd_rows(tmp_path: Path) -> None:
    written = write_demo(tmp_path, users=50, posts=3_000)
    found = open_collection(tmp_path)
    posts = sum(map(len, found.posts.values()))

    assert (written.users, written.positives, sum(found.truth.values())) == (50, 6, 6)
    assert 0 < sum(found.set_aside.values()) == written.posts - posts < 30


def test_signs_begin_at_the_onset_and_grow() -> None:
    ann = Person("ann", True, ("films",), 9, onset_utc=START_UTC + 86_400, intensity=0.5, worry=0.0)
    shares = [ann.sign_share(START_UTC + days * 86_400) for days in (0, 1, 2, 60, 120)]

    assert shares[:2] == [0.0, 0.0]
    assert 0.2 < shares[2] < shares[3] <= shares[4] == 0.5


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(DemoError, match="something else than a demo"):
        write_demo(tmp_path, users=20, posts=300)
