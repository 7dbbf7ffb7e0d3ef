"""The documentation holds: its code runs, its commands exist, its links lead somewhere, its tables are true.

A block whose first line is `# services/x.py` is a file: this repository's, which must say the same, or one of
a project that is made of the page's files. All other Python blocks of a page share their names, in order.
"""

import importlib
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby, takewhile
from pathlib import Path
from typing import Any

import pytest
import typer
from prometheus_client import CollectorRegistry
from typer.testing import CliRunner

import services
import topologies
from catenae.cli.commands import app as catenae
from catenae.config import settings_table
from catenae.observability.metrics import NodeMetrics
from catenae.running.local import Status
from catenae.running.local.figures import SupervisedFigures
from catenae.topology.mermaid import mermaid
from services.cli.application import app as screening
from topologies.depression import topology as depression
from topologies.side_by_side import topology as side_by_side

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "examples" / "java" / "README.md",
)
# What a reader has without this project, and its tools.
OUTSIDE = {
    "cat",
    "cd",
    "chmod",
    "docker",
    "echo",
    "export",
    "java",
    "jq",
    "kcat",
    "kubectl",
    "mvn",
    "openssl",
    "pip",
    "python",
    "source",
    "tail",
}
OUTSIDE |= {"ruff", "mypy", "lint-imports", "pytest"}

FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ((?:services|topologies|tests)/[\w/]+\.py)\n")
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Pages are about this repository, or about a project of the reader's own.
MAKEFILES = (ROOT / "Makefile", ROOT / "catenae" / "cli" / "scaffold" / "Makefile.tmpl")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
# What they show takes its time.
LENGTHY = ("peers.md", "microservices.md")


@dataclass(frozen=True)
class Block:
    """What stands between two fences, and the line of the page that it begins on."""

    line: int
    text: str

    @property
    def file(self) -> str:
        """The path that the first line names; "" if the block is no file."""
        found = FILE.match(self.text)
        return found[1] if found else ""

    @property
    def content(self) -> str:
        """The block without the line that names the file."""
        return FILE.sub("", self.text, count=1)


def blocks(page: Path, language: str) -> list[Block]:
    """Return the blocks of a page in one language, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(text.count("\n", 0, found.start(2)) + 1, found[2])
        for found in FENCED.finditer(text)
        if found[1] == language
    ]


def commands(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each command of a page's consoles, with the output that is shown for it."""
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def programs(command: str) -> Iterator[list[str]]:
    """Yield the words of each program that a command starts, without what is redirected."""
    words = shlex.shlex(command, posix=True, punctuation_chars="|&<>")
    words.whitespace_split = True
    for is_joint, some in groupby(words, lambda word: word in {"|", "&&"}):
        if not is_joint:
            yield list(takewhile(lambda word: word not in {"<", ">"}, some))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Return what goes to a folder with a page's files, as if they lay beside those of this repository."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    for package in (services, topologies):
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / package.__name__)])

    def go_to(page: Path) -> None:
        monkeypatch.chdir(tmp_path)
        for block in blocks(page, "python"):
            if block.file and not (ROOT / block.file).exists():
                Path(block.file).parent.mkdir(exist_ok=True)
                Path(block.file).write_text(block.content, encoding="utf-8")
        importlib.invalidate_caches()

    yield go_to
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(each, marks=[pytest.mark.lengthy] * (each.name in LENGTHY), id=each.name)
        for each in PAGES
    ],
)
def test_its_code_runs(page: Path, project: Callable[[Path], None]) -> None:
    project(page)
    names: dict[str, Any] = {"__name__": "page"}

    for block in blocks(page, "python"):
        # Blank lines in front, so that an error names the line of the page.
        code = compile("\n" * (block.line - 1) + block.text, str(page), "exec")
        if not block.file or block.file.startswith("tests/"):
            exec(code, names)
        elif (ROOT / block.file).exists():
            assert block.content == (ROOT / block.file).read_text(encoding="utf-8")
        else:
            importlib.import_module(block.file.removesuffix(".py").replace("/", "."))
    call_tests(names)


def call_tests(names: Mapping[str, Any]) -> None:
    for name in [name for name in names if name.startswith("test_")]:
        names[name]()


@every_page
def test_its_commands_exist_and_take_these_arguments(page: Path, project: Callable[[Path], None]) -> None:
    project(page)

    for command, _ in commands(page):
        for program, *arguments in programs(command):
            require(program, arguments)


def require(program: str, arguments: list[str]) -> None:
    """Fail unless there is such a program and, if it is ours, it takes these arguments."""
    match program.rpartition("/")[2]:
        case "catenae":
            parse(catenae, arguments)
        case "screening":
            assert (ROOT / "screening").exists()
            parse(screening, arguments)
        case "make":
            targets = "".join(each.read_text(encoding="utf-8") for each in MAKEFILES)
            assert re.search(rf"^{re.escape(arguments[0])}:", targets, re.MULTILINE), arguments[0]
        case name:
            assert name in OUTSIDE, program
    for argument in arguments:
        if argument.startswith("topologies/"):
            assert Path(argument).exists() or (ROOT / argument).exists(), argument


@cache
def whole(app: typer.Typer) -> Any:
    """Return what typer makes of an application, which takes a while."""
    return typer.main.get_command(app)


def parse(app: typer.Typer, arguments: list[str]) -> None:
    """Parse without running; a click error, which shows what is wrong, for what is not taken."""
    command = whole(app)
    while hasattr(command, "commands"):
        name, *arguments = arguments
        command = command.commands[name]
    command.make_context(command.name, arguments)


@every_page
def test_what_check_and_graph_print_is_what_is_shown(
    page: Path, project: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    project(page)
    for command, shown in commands(page):
        match shlex.split(command):
            case ["catenae", "check" | "graph", topology] as words:
                if (ROOT / topology).exists():
                    monkeypatch.chdir(ROOT)
                result = CliRunner().invoke(catenae, words[1:])
                assert result.exit_code == 0, result.output
                assert shown in ("", result.output)


@every_page
def test_its_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are called in links, as GitHub has it."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_picture_in_the_readme_is_the_topology() -> None:
    assert [block.text for block in blocks(ROOT / "README.md", "mermaid")] == [mermaid(depression)]


def test_the_screening_page_trains_the_models_that_the_topologies_run_with() -> None:
    trains = [words for words in screening_commands() if words[1] == "train"]
    runs = [
        depression.node("text_vectoriser").options["model"],
        side_by_side.node("gambling_text_vectoriser").options["model"],
    ]

    assert [words[words.index("--model") + 1] for words in trains] == runs
    assert trains[0][2] == depression.node("replay").options["path"]


def screening_commands() -> list[list[str]]:
    written = (shlex.split(command) for command, _ in commands(ROOT / "docs" / "screening.md"))
    return [words for words in written if words[0] == "./screening"]


def test_the_table_of_settings_is_the_one_in_the_code() -> None:
    assert f"\n{settings_table()}\n\n" in OPERATIONS


def test_the_table_of_commands_has_every_command() -> None:
    command: Any = typer.main.get_command(catenae)

    assert re.findall(r"^\| `catenae ([\w-]+)` \|", OPERATIONS, re.MULTILINE) == sorted(
        command.commands, key=list(command.commands).index
    )


def test_the_table_of_metrics_has_every_metric() -> None:
    registry = CollectorRegistry()
    NodeMetrics("topology", "node", registry)

    rows = [line for line in OPERATIONS.splitlines() if line.startswith("| `catenae_")]
    documented = {name for row in rows for name in re.findall(r"`(catenae_\w+)`", row)}

    shown = SupervisedFigures(registry, lambda: Status("topology", 0.0, ())).collect()
    assert documented == {f"{each.name}_total" if each.type == "counter" else each.name for each in shown}
