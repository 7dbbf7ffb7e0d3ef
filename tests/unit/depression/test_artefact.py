"""The model folder: what goes in comes out, and nothing else."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.depression.model.artefact import Model, load_model, save_model
from services.depression.model.certainty import UNSAID, Calibration, Certainty, Line
from services.depression.model.reading import FORMER, NEWEST
from services.models.folder import ModelError, seal

MODEL = Model(
    vocabulary=("i", "tea", "übermut"),
    idf=np.array([1.0, 1.5, 2.25]),
    weights=np.array([0.1, -3.0, 0.0]),
    bias=-0.1,
    threshold=0.5,
    training={"seed": 7},
)
CERTAINTY = Certainty(400.0, Calibration(Line(0.1, -2.0), Line(1.1, 0.3), half=16.0), min_posts=3)
FITTED_TO_400 = replace(
    CERTAINTY, calibration=Calibration(Line(0.1, -2.0), Line(1.1, 0.3), half=16.0, most=400)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder that holds MODEL."""
    save_model(MODEL, tmp_path / "model")
    return tmp_path / "model"


def edit_manifest(folder: Path, **changes: Any) -> None:
    """Change fields of the manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_saved_model_comes_back_exactly(folder: Path) -> None:
    loaded = load_model(folder)

    assert (loaded.vocabulary, loaded.bias, loaded.threshold) == (MODEL.vocabulary, -0.1, 0.5)
    assert np.array_equal(loaded.idf, MODEL.idf)
    assert np.array_equal(loaded.weights, MODEL.weights)
    assert (loaded.training, loaded.version) == ({"seed": 7}, MODEL.version)


def test_the_vocabulary_is_text_one_word_per_line(folder: Path) -> None:
    assert (folder / "vocabulary.txt").read_text("utf-8") == "i\ntea\nübermut\n"
    assert load_model(folder).index == {"i": 0, "tea": 1, "übermut": 2}


def test_a_former_model_is_replaced_and_leaves_no_trace(folder: Path) -> None:
    other = replace(MODEL, bias=9.0)
    save_model(other, folder)

    assert load_model(folder).version == other.version != MODEL.version
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(ModelError, match="something else than a model"):
        save_model(MODEL, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("name", ["manifest.json", "vocabulary.txt", "idf.npy", "weights.npy"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()

    with pytest.raises(ModelError, match="missing") as caught:
        load_model(folder)

    assert caught.value.path == folder / name


@pytest.mark.parametrize("name", ["manifest.json", "vocabulary.txt", "idf.npy", "weights.npy"])
def test_a_truncated_file_is_named(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[:-4])

    with pytest.raises(ModelError) as caught:
        load_model(folder)

    assert caught.value.path == folder / name


def test_one_flipped_bit_is_noticed(folder: Path) -> None:
    content = bytearray((folder / "weights.npy").read_bytes())
    content[-1] ^= 1
    (folder / "weights.npy").write_bytes(content)

    with pytest.raises(ModelError, match=r"weights\.npy.*152 bytes that do not match"):
        load_model(folder)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"format": 5}, "format 5, newer than 4"),
        ({"format": "one"}, "no manifest of a model"),
        ({"kind": "image"}, "kind 'image', where one of words, 'linear', is needed"),
        ({"version": "../../etc"}, "no version of a model"),
        ({"files": None}, "no list of files"),
        ({"files": {}}, r"no checksum of vocabulary\.txt"),
        ({"bias": -0.2}, "for the content"),
        ({"bias": None}, "do not make a model"),
        ({"threshold": 7}, "do not make a model"),
        ({"training": 3}, "do not make a model"),
        ({"reading": 7}, "reading 7 of texts, which this code does not know"),
        ({"reading": 1}, "for the content"),
        ({"certainty": None}, "do not make a model"),
        ({"certainty": {"prior": -1, "calibration": None, "min_posts": 1}}, "evidence prior -1"),
        ({"certainty": {"prior": 0, "calibration": None, "min_posts": 2}}, "for the content"),
        ({"certainty": {"prior": 0, "calibration": {"half": 4}, "min_posts": 1}}, "do not make a model"),
        ({"certainty": {"prior": 0, "calibration": None, "min_posts": 10**400}}, "do not make a model"),
        ({"about": "gambling"}, "for the content"),
    ],
)
def test_a_manifest_at_odds_with_the_model_is_refused(folder: Path, changes: Any, found: str) -> None:
    edit_manifest(folder, **changes)

    with pytest.raises(ModelError, match=found):
        load_model(folder)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"idf": np.ones(2)}, "3 words"),
        ({"idf": np.array([1.0, 0.5, 1.0])}, "idf below 1"),
        ({"weights": np.array([0.0, np.nan, 0.0])}, "not finite"),
        ({"vocabulary": ("i", "tea", "i")}, "twice"),
        ({"threshold": 1.5}, "no probability"),
    ],
)
def test_a_model_that_contradicts_itself_cannot_be_made(changes: Any, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        replace(MODEL, **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"vocabulary": ("i", "rain", "übermut")},
        {"idf": np.array([1.0, 1.5, 2.5])},
        {"weights": np.zeros(3)},
        {"bias": 0.0},
        {"threshold": 0.6},
        {"reading": FORMER},
        {"certainty": CERTAINTY},
        {"certainty": replace(CERTAINTY, prior=399.0)},
        {"about": "gambling"},
    ],
)
def test_the_version_changes_with_whatever_the_model_computes_with(changes: Any) -> None:
    assert replace(MODEL, **changes).version != MODEL.version
    assert replace(MODEL, training={}).version == MODEL.version


def test_the_longest_history_comes_back_and_makes_another_version(tmp_path: Path) -> None:
    fitted, unsaid = (replace(MODEL, certainty=each) for each in (FITTED_TO_400, CERTAINTY))
    save_model(fitted, tmp_path / "model")

    assert load_model(tmp_path / "model").certainty == FITTED_TO_400
    assert fitted.version != unsaid.version


def as_of_format_1(folder: Path) -> Path:
    """Make the model in a folder one that was written before models named how they read texts."""
    save_model(replace(MODEL, reading=FORMER), folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["reading"]
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 1}))
    return folder


def test_a_model_of_before_keeps_its_version_and_its_reading(tmp_path: Path) -> None:
    found = load_model(as_of_format_1(tmp_path / "model"))

    assert (found.version, found.reading) == ("acf1d5351845", FORMER)
    assert found.advice.startswith("model acf1d5351845 was made before texts were read as they are now")
    assert "train it again" in found.advice
    assert "\n" not in found.advice


def test_how_sure_a_model_is_comes_back_exactly(tmp_path: Path) -> None:
    save_model(replace(MODEL, certainty=CERTAINTY, about="gambling"), tmp_path / "model")

    found = load_model(tmp_path / "model")

    assert (found.certainty, found.about) == (CERTAINTY, "gambling")


def test_a_model_that_did_not_say_how_sure_it_is_goes_on_so_and_says_it(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["certainty"], manifest["about"]
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 2}))

    found = load_model(folder)

    assert (found.version, found.certainty, found.about) == (MODEL.version, UNSAID, "depression")
    assert "before models said how sure they are" in found.advice
    assert "train it again" in found.advice


def test_a_model_of_before_few_posts_were_held_goes_on_as_it_was_and_says_so(tmp_path: Path) -> None:
    before, newest = (
        replace(MODEL, certainty=replace(CERTAINTY, holds_few=holds)) for holds in (False, True)
    )
    save_model(before, tmp_path / "model")
    said = before.certainty.to_json()
    del said["holds_few"]
    edit_manifest(tmp_path / "model", certainty=said)

    found = load_model(tmp_path / "model")

    assert "before users with few posts were held below the threshold" in found.advice
    assert found.version == before.version != newest.version
    many, few = ((np.array([900.0]), np.array([1.0]), np.array([posts])) for posts in (3.0, 2.0))
    assert newest.probability(*few) < newest.threshold < found.probability(*few)
    assert newest.probability(*many) == found.probability(*many)


def test_a_model_of_today_needs_no_advice(folder: Path) -> None:
    assert (load_model(folder).reading, load_model(folder).advice) == (NEWEST, "")


def _reseal(folder: Path, name: str, content: bytes) -> None:
    """Put something else in the place of a file, with the checksum of that."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    edit_manifest(folder, files={**files, name: seal(content)})


def _npy(header: str) -> bytes:
    padded = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded


def _npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, np.zeros(3))
    return file.getvalue()


ODD_ARRAYS = {
    "of a terabyte": _npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**40},)}}"),
    "of two dimensions": _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 0)}"),
    "of objects": _npy("{'descr': '|O', 'fortran_order': False, 'shape': (0,)}"),
    "with code": _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (print('x'),)}"),
    "nested deep": _npy("[" * 110),
    "several": _npz(),
    "nothing": b"",
    "a negative": _npy("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}"),
}


@pytest.mark.parametrize("what", ODD_ARRAYS)
@pytest.mark.parametrize("name", ["idf.npy", "weights.npy"])
def test_an_array_that_is_none_is_a_model_error(folder: Path, name: str, what: str) -> None:
    _reseal(folder, name, ODD_ARRAYS[what])

    with pytest.raises(ModelError, match="do not make a model"):
        load_model(folder)


@pytest.mark.parametrize("more", [-1, 1, 10**6])
@pytest.mark.parametrize("name", ["idf.npy", "weights.npy"])
def test_an_array_that_says_it_holds_another_number_of_numbers_is_a_model_error(
    folder: Path, name: str, more: int
) -> None:
    numbers = np.load(folder / name)
    header = _npy(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({len(numbers) + more},), }}")
    _reseal(folder, name, header + numbers.tobytes())

    with pytest.raises(ModelError, match=rf"an array of {len(numbers) + more:,} numbers"):
        load_model(folder)


def test_a_manifest_nested_deep_is_a_model_error(folder: Path) -> None:
    (folder / "manifest.json").write_text("[" * 100_000)

    with pytest.raises(ModelError, match="no JSON"):
        load_model(folder)


def test_a_bias_beyond_all_numbers_is_a_model_error(folder: Path) -> None:
    edit_manifest(folder, bias=10**400)

    with pytest.raises(ModelError, match="do not make a model"):
        load_model(folder)
