"""No test is lost between the sets that the Makefile runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
FILES = sorted(TESTS.rglob("test_*.py"))
ACCEPTANCE = re.compile(r"mark\.acceptance\b")


def folders(name: str) -> set[str]:
    """Return the folders of tests that a variable of the Makefile names."""
    (value,) = re.findall(rf"^{name} := (.*)$", MAKEFILE, re.MULTILINE)
    return set(re.findall(r"tests/(\w+)", value))


FAST = folders("HALF") | folders("OTHER_HALF")
SLOW = folders("SLOW")


def test_every_folder_of_tests_is_run() -> None:
    assert {each.relative_to(TESTS).parts[0] for each in FILES} == FAST | SLOW
    assert FAST.isdisjoint(SLOW)


def test_what_the_fast_folders_leave_to_others_is_where_those_look() -> None:
    left = [each for each in FILES if ACCEPTANCE.search(each.read_text("utf-8"))]

    assert {each.relative_to(TESTS).parts[0] for each in left} <= SLOW
