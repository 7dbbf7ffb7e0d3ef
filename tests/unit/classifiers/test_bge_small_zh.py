"""The Chinese encoder of Maven: what is asked for where it is not, or another, and what is read of it."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from services.classifiers.encoders import bge_small_zh
from services.classifiers.encoders.bge_small_zh import ARCHIVE, FOLDER, bge_files, bge_missing
from services.classifiers.encoders.choice import chosen_encoder
from services.classifiers.encoders.onnx import ONNX, TOKENIZER


def test_what_is_not_there_or_another_says_how_to_fetch_it(tmp_path: Path) -> None:
    assert f"{ARCHIVE} is not there. Fetch it: mvn dependency:copy -Dartifact=" in bge_missing(tmp_path)

    (tmp_path / ARCHIVE).write_bytes(b"something else")

    assert f"{ARCHIVE} is not that of " in bge_missing(tmp_path)


def test_graph_and_tokeniser_are_read_of_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / ARCHIVE, "w") as archive:
        archive.writestr("bge-small-zh-v1.5-q.onnx", b"graph")
        archive.writestr("bge-small-zh-v1.5-q-tokenizer.json", b"tokeniser")
    sha256 = hashlib.sha256((tmp_path / ARCHIVE).read_bytes()).hexdigest()
    monkeypatch.setattr(bge_small_zh, "SHA256", sha256)

    assert not bge_missing(tmp_path)
    assert bge_files(tmp_path) == {ONNX: b"graph", TOKENIZER: b"tokeniser"}


@pytest.mark.lengthy
def test_the_encoder_itself_puts_like_texts_close_together() -> None:
    pytest.importorskip("onnxruntime", reason="the extra classify is not installed")
    if wrong := bge_missing(FOLDER):
        pytest.skip(wrong)

    sad, tired, stock = chosen_encoder("bge-small-zh").encoder.encode(
        ["我很难过", "我觉得很伤心", "股市今天上涨"]
    )

    assert sad @ tired > sad @ stock + 0.1
