import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catenae.errors import TopologyError
from catenae.topology.loading import import_service, load_topology

HEAD = "from catenae.topology.graph import Topology\nfrom catenae.topology.node import Node\n"
SOURCE = '(Node("s", "m:S", writes="t"),)'


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project's root; what is imported from it is forgotten afterwards."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def test_a_topology_is_loaded_from_a_file_a_module_or_an_attribute(root: Path) -> None:
    write(root / "plans" / "one.py", f'{HEAD}topology = Topology("one", {SOURCE})\n')

    assert load_topology("plans/one.py", root).name == "one"
    assert load_topology("plans.one", root).name == "one"
    assert load_topology("plans.one:topology", root).name == "one"


def test_the_only_topology_of_a_file_may_have_any_name(root: Path) -> None:
    write(root / "one.py", f'{HEAD}mine = Topology("one", {SOURCE})\n')

    assert load_topology("one.py", root).name == "one"


def test_a_file_of_several_topologies_needs_a_name(root: Path) -> None:
    write(root / "two.py", f'{HEAD}a = Topology("a", {SOURCE})\nb = Topology("b", {SOURCE})\n')

    with pytest.raises(TopologyError, match=r"several topologies: a, b; .* two\.py:a"):
        load_topology("two.py", root)
    assert load_topology("two.py:b", root).name == "b"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = 1\n", "declares no topology"),
        ("x = 1\ny = x +\n", r"bad\.py:2: SyntaxError"),
        ("x = 1\n\n1 / 0\n", r"bad\.py:3: ZeroDivisionError: division by zero"),
        ("x = 1\n\nraise SystemExit(0)\n", r"bad\.py:3: SystemExit: 0"),
        (f'{HEAD}topology = Topology("bad", ())\n', r"bad\.py:3: topology 'bad' has no nodes"),
        (f'{HEAD}Node("a", "m:A", retries=3)\n', r"bad\.py:3: Node has no 'retries'; did you mean 'retry'\?"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_line(root: Path, text: str, found: str) -> None:
    write(root / "bad.py", text)

    with pytest.raises(TopologyError, match=found) as raised:
        load_topology("bad.py", root)
    assert "\n" not in str(raised.value)


def test_a_missing_file_is_told_with_the_nearest(root: Path) -> None:
    write(root / "plans" / "depression.py", "")

    with pytest.raises(
        TopologyError, match=r"no file 'plans/depresion\.py'; did you mean 'plans/depression\.py'"
    ):
        load_topology("plans/depresion.py", root)


def test_a_service_is_imported_by_its_path(root: Path) -> None:
    write(root / "shop_a.py", "from catenae.microservice import Leaf\nclass Till(Leaf): pass\n")
    load_root(root)

    assert import_service("shop_a:Till").__name__ == "Till"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("shop_b.tills:Till", r"no module 'shop_b\.tills'; did you mean 'shop_b\.till'"),
        ("shop_c:Till", "no module 'shop_c'"),
        ("shop_b.till:Tell", "no 'Tell'; did you mean 'Till'"),
        ("shop_b.till:NUMBER", "is no microservice"),
        ("shop_b.needy:Till", "needs 'a_module_nobody_has', which is not installed"),
        ("shop_b.broken:Till", r"broken\.py:2: ZeroDivisionError"),
        ("shop_b.ending:Till", r"ending\.py:2: SystemExit"),
    ],
)
def test_a_service_that_cannot_be_had_is_told(root: Path, path: str, found: str) -> None:
    write(
        root / "shop_b" / "till.py",
        "from catenae.microservice import Leaf\nNUMBER = 1\nclass Till(Leaf): pass\n",
    )
    write(root / "shop_b" / "needy.py", "import a_module_nobody_has\n")
    write(root / "shop_b" / "broken.py", "\n1 / 0\n")
    write(root / "shop_b" / "ending.py", "\nraise SystemExit(0)\n")
    load_root(root)

    with pytest.raises(TopologyError, match=found):
        import_service(path)


def load_root(root: Path) -> None:
    write(root / "any.py", f'{HEAD}topology = Topology("any", {SOURCE})\n')
    load_topology("any.py", root)
