from pathlib import Path

from catenae.operating.check import check
from catenae.stores import open_documents
from catenae.testing import drain
from services.examples.token_filter import TextSource
from topologies.token_filter import topology


def test_only_listed_tokens_are_counted(tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("Rain, again: TEA!\nthe rain's cat\n")
    documents = open_documents("sqlite:")

    drain(topology, options={"text_source": {"path": tmp_path / "texts.txt"}}, documents=documents)

    counted = {each["id"]: each["count"] for each in documents.find("tokens").documents}
    documents.close()
    assert counted == {"rain": 2, "tea": 1, "cat": 1}


def test_a_source_goes_on_after_the_position_of_any_message(tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("één\ntwo\nthree\n", encoding="utf-8")
    source = TextSource(path)
    first = next(source.generate(None))

    assert first.value == "één"
    assert [message.value for message in source.generate(first.position)] == ["two", "three"]


def test_the_topology_agrees_with_its_code() -> None:
    assert check(topology) == []
