"""No test is lost between the sets that the Makefile runs."""

import os
import re
import subprocess
from collections.abc import Set
from itertools import chain, combinations
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
FILES = sorted(TESTS.rglob("test_*.py"))
ACCEPTANCE = re.compile(r"mark\.acceptance\b")
MARKS = ("lengthy", "long", "hypothesis", "servers")


def value(name: str) -> str:
    """Return what the Makefile says of a variable."""
    (found,) = re.findall(rf"^{name} := (.*)$", MAKEFILE, re.MULTILINE)
    return str(found)


def folders(name: str) -> set[str]:
    """Return the folders of tests that a variable of the Makefile names."""
    return set(re.findall(r"tests/(\w+)", value(name)))


def takes(name: str, marks: Set[str]) -> bool:
    """Return whether the set of a variable takes a test with these marks."""
    (expression,) = re.findall(r'-m "([^"]*)"', value(name))
    return bool(eval(expression, {each: each in marks for each in (*MARKS, "acceptance")}))


FAST = folders("HALF") | folders("OTHER_HALF")
SLOW = folders("SLOW")


def test_every_folder_of_tests_is_run() -> None:
    assert {each.relative_to(TESTS).parts[0] for each in FILES} == FAST | SLOW
    assert FAST.isdisjoint(SLOW)


def test_what_the_fast_set_leaves_of_its_folders_is_looked_for_there() -> None:
    assert {"$(HALF)", "$(OTHER_HALF)"} <= {*value("SLOW").split()}


def test_what_the_fast_folders_leave_to_others_is_where_those_look() -> None:
    left = [each for each in FILES if ACCEPTANCE.search(each.read_text("utf-8"))]

    assert {each.relative_to(TESTS).parts[0] for each in left} <= SLOW


@pytest.mark.parametrize(
    "marks", [*chain.from_iterable(combinations(MARKS, number) for number in range(len(MARKS) + 1))], ids=str
)
def test_a_test_with_any_marks_is_in_a_set(marks: tuple[str, ...]) -> None:
    assert "servers" in marks or takes("LONG", {*marks}) != (
        takes("FAST", {*marks}) or takes("SLOW", {*marks})
    )
    assert "servers" in marks or takes("LONG", {*marks}) != takes("SLOW", {*marks, "acceptance"})


@pytest.mark.parametrize(
    ("df", "is_in_memory"),
    [
        ("printf 'Filesystem\\ntmpfs 9 9 1000001 1%% /dev/shm\\n'", True),
        ("printf 'Filesystem\\ntmpfs 9 9 65536 1%% /dev/shm\\n'", False),
        ("exit 1", False),
    ],
    ids=["room", "little room", "none"],
)
def test_folders_of_tests_are_in_memory_where_there_is_room(
    df: str, is_in_memory: bool, tmp_path: Path
) -> None:
    (tmp_path / "df").write_text(f"#!/bin/sh\n{df}\n", "utf-8")
    (tmp_path / "df").chmod(0o700)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}

    shown = subprocess.run(
        ["make", "-n", "fast-half"], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )

    assert ("PYTEST_DEBUG_TEMPROOT=/dev/shm " in shown.stdout) is is_in_memory
