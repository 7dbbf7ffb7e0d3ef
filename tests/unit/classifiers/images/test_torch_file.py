"""Files of PyTorch: tensors as they were, strides honoured, and nothing of a pickle run."""

import struct
from pathlib import Path
from random import Random

import numpy as np
import pytest

from services.classifiers.images.torch_file import tensors_of

NUMBERS = np.arange(12, dtype="<f4")
MARK, END, CALL = b"(", b".", b"R"
MAGIC = bytes.fromhex("8a0a6cfc9c46f9206aa85019")


def text(words: str) -> bytes:
    return b"X" + struct.pack("<I", len(words)) + words.encode()


def whole(number: int) -> bytes:
    return b"J" + struct.pack("<i", number)


def several(*numbers: int) -> bytes:
    return MARK + b"".join(map(whole, numbers)) + b"t"


def tensor(
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int = 0,
    size: int = 12,
    kind: str = "FloatStorage",
) -> bytes:
    """Return what makes a tensor of the only storage."""
    storage = MARK + text("storage") + b"ctorch\n" + kind.encode() + b"\n" + text("7") + text("cpu")
    place = storage + whole(size) + b"Nt" + b"Q"
    hooks = b"ccollections\nOrderedDict\n)" + CALL
    given = MARK + place + whole(offset) + several(*shape) + several(*strides) + b"\x89" + hooks + b"t"
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + given + CALL


def file(named: bytes, numbers: bytes | None = None, keys: bytes | None = None) -> bytes:
    """Return a file in which a dictionary has what is given under "w"."""
    system = b"}" + text("little_endian") + b"\x88s"
    found = b"ccollections\nOrderedDict\n)" + CALL + MARK + text("w") + named + b"u"
    pickles = [MAGIC, b"M\xe9\x03", system, found, keys or b"]" + MARK + text("7") + b"e"]
    stored = struct.pack("<q", 12) + NUMBERS.tobytes() if numbers is None else numbers
    return b"".join(b"\x80\x02" + each + END for each in pickles) + stored


def test_a_tensor_is_what_it_was() -> None:
    assert tensors_of(file(tensor((3, 4), (4, 1))))["w"].tolist() == NUMBERS.reshape(3, 4).tolist()


@pytest.mark.parametrize(
    ("shape", "strides", "offset", "wanted"),
    [
        ((4, 3), (1, 4), 0, NUMBERS.reshape(3, 4).T),
        ((2, 2), (4, 2), 1, [[1, 3], [5, 7]]),
        ((2, 3), (0, 1), 9, [[9, 10, 11], [9, 10, 11]]),
        ((), (), 5, 5),
        ((0, 3), (3, 1), 0, np.zeros((0, 3))),
    ],
)
def test_strides_and_offsets_are_honoured(
    shape: tuple[int, ...], strides: tuple[int, ...], offset: int, wanted: object
) -> None:
    assert tensors_of(file(tensor(shape, strides, offset)))["w"].tolist() == np.asarray(wanted).tolist()


def test_a_pickle_that_would_run_something_runs_nothing(tmp_path: Path) -> None:
    written = tmp_path / "written"
    for program in (
        b"cos\nsystem\n" + MARK + text(f"touch {written}") + b"t" + CALL,
        b"cbuiltins\neval\n" + MARK + text(f"open({str(written)!r}, 'w')") + b"t" + CALL,
        MARK + text(f"touch {written}") + b"ios\nsystem\n",
        text("os") + text("system") + b"\x93" + MARK + text(f"touch {written}") + b"t" + CALL,
        b"\x80\x04" + text("torch") + b"\x82\x01",
    ):
        with pytest.raises(ValueError, match="no file of tensors needs"):
            tensors_of(file(program))
    assert not written.exists()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\x80", b"PK\3\4" + b"\0" * 99, file(tensor((3, 4), (4, 1)))[:-1], file(b"N"), file(b"K\1")),
        *(file(tensor((3, 4), (4, 1), 1)), file(tensor((13,), (1,))), file(tensor((2, 2), (2**30, 1)))),
        *(file(tensor((3, 4), (4,))), file(tensor((-1, 4), (4, 1))), file(tensor((3, 4), (-4, 1), 11))),
        *(file(tensor((2**20, 2**20), (0, 0))), file(tensor((12,), (1,), size=13))),
        *(file(tensor((12,), (1,), kind="DoubleStorage")), file(tensor((12,), (1,)), b"\xff" * 8)),
        *(
            file(tensor((12,), (1,)), keys=b"]"),
            file(tensor((12,), (1,)), keys=b"]" + MARK + text("8") + b"e"),
        ),
        file(b"ctorch\nFloatStorage\n" + b")" + CALL),
    ],
)
def test_what_is_no_such_file_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        tensors_of(content)


@pytest.mark.lengthy
@pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")
def test_a_file_that_was_meddled_with_is_tensors_or_a_value_error() -> None:
    valid, refused = file(tensor((4, 3), (1, 4))), 0
    for seed in range(2000):
        chance, content = Random(seed), bytearray(valid)
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(content))
            content[at : at + chance.choice((0, 1, 4))] = chance.randbytes(chance.choice((0, 1, 4)))
        try:
            tensors_of(bytes(content))
        except ValueError:
            refused += 1
    assert 500 < refused < 2000
