"""A folder as somebody may have it when a command is called: data, collections, models, whole and damaged."""

import json
import os
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from catenae import CatenaeError, DataFolder, open_documents
from catenae.broker import TopicSpec
from catenae.brokers import open_broker
from catenae.message import Record
from catenae.runtime.dead_letters import from_failure
from services.cli.application import main
from tests.fuzz import odd
from topologies.wordcount import topology


def write_templates(folder: Path) -> None:
    """Write a data folder that has been used, a collection and a model, to be copied."""
    data = folder / "d"
    with DataFolder(data).lock(), closing(open_broker(f"embedded:{data}/log")) as broker:
        broker.create_topics([*topology.topic_specs(), TopicSpec("odd", 2)])
        values = [
            b'{"a": 1}',
            b"\xff",
            b'"\\ud83d"',
            b"[" * 5_000,
            b"7" * 5_000,
            None,
            b"NaN",
            b"x" * 100_000,
        ]
        types = [{}, {"content-type": b"application/msgpack"}, {"content-type": b"\xff"}, {"\xe9": b"\xff"}]
        records = [Record("odd", b"\xff", value, headers) for value in values for headers in types]
        broker.append(records)
        letters = [from_failure(each, "wordcount.splitter", ValueError("\udcff"), 5) for each in records]
        broker.create_topics([TopicSpec("odd.dead", 2)])
        broker.append([each for each in letters if each.topic == "odd.dead"])
    with closing(open_documents(f"sqlite:{data}/documents.sqlite")) as documents:
        documents.upsert("alerts", [{"id": "ann", "user": "ann", "label": "risk"}])
    _called("demo", folder / "demo", "--users", 60, "--posts", 600)
    _called("train", folder / "demo", "--model", folder / "model")
    shutil.copytree(folder / "model", data / "model")


def write_case(templates: Path, folder: Path, chance: random.Random) -> None:
    """Copy the templates, and do to some of their files what happens to files."""
    shutil.copytree(templates, folder)
    (folder / "file").write_bytes(odd.given(chance))
    (folder / "topology.py").write_bytes(chance.choice(_TOPOLOGIES))
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nowhere")
    (folder / "empty").mkdir()
    if chance.random() < 0.5:
        files = sorted(each for each in folder.rglob("*") if not each.is_symlink())
        for _ in range(chance.randint(1, 3)):
            path = chance.choice(files)
            if path.exists():
                chance.choice(_MISHAPS)(path, chance)


def _called(*arguments: object) -> None:
    try:
        main([str(each) for each in arguments])
    except SystemExit as ended:
        if ended.code:
            raise CatenaeError("the templates cannot be made") from ended


def _remove(path: Path, _chance: random.Random) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _fill(path: Path, chance: random.Random) -> None:
    if path.is_file():
        path.write_bytes(odd.given(chance))


def _cut(path: Path, chance: random.Random) -> None:
    # Not what is mapped: the operating system ends who reads what is behind its end.
    if path.is_file() and path.suffix != ".mdb":
        os.truncate(path, chance.randint(0, path.stat().st_size))


def _replace_by_folder(path: Path, chance: random.Random) -> None:
    _remove(path, chance)
    path.mkdir()


def _replace_by_loop(path: Path, chance: random.Random) -> None:
    _remove(path, chance)
    path.symlink_to(path.name)


def _replace_by_full_device(path: Path, chance: random.Random) -> None:
    _remove(path, chance)
    path.symlink_to("/dev/full")


def _close(path: Path, chance: random.Random) -> None:
    path.chmod(chance.choice((0, 0o444, 0o555)))
    if os.getuid() == 0 and chance.random() < 0.5:
        os.chown(path, 65534, 65534)


def _write_odd_json(path: Path, chance: random.Random) -> None:
    if path.is_file():
        values: tuple[object, ...] = (
            None,
            [],
            7,
            {},
            {"format": []},
            {"format": "9" * 5000},
            {"a": {"b": None}},
        )
        path.write_text(json.dumps(chance.choice(values)))


Mishap = Callable[[Path, random.Random], None]
_MISHAPS: tuple[Mishap, ...] = (
    _remove,
    _fill,
    _cut,
    _replace_by_folder,
    _replace_by_loop,
    _replace_by_full_device,
    _close,
    _write_odd_json,
)
_IMPORTS = "from catenae import Node, Topology\n"
_TOPOLOGIES = (
    b"",
    b"\xff",
    b"\0",
    b"topology = 1",
    b"import nowhere",
    b"1/0",
    b"raise SystemExit(3)",
    b"import sys; sys.exit('words')",
    b"raise BaseException('x')",
    b"(" * 300,
    b"def f(): f()\nf()",
    f"{_IMPORTS}topology = Topology('', ())".encode(),
    f"{_IMPORTS}topology = Topology(1, 2)".encode(),
    f"{_IMPORTS}topology = Topology('t', (Node('n', 'm:S', writes='x'),))".encode(),
    f"{_IMPORTS}topology = Topology('t', (Node('n', 'services.examples.word_count:WordCount', reads='x', "
    f"options={{'a': 1}}),), external=('x',))".encode(),
)
