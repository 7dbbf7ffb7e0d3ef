"""The security page names tests that there are."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text("utf-8")))
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))

    assert len(named) > 30
    assert [name for name in sorted(named) if f"def {name}(" not in written] == []


def test_every_file_that_the_page_names_exists() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = set(re.findall(r"`((?:catenae|services|requirements)/[\w/.-]*)`", page))

    assert len(named) > 30
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
