"""Whatever a file is: a thumbnail of fixed size or a reason in fixed words, in time, and nothing else."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from services.images import decode, values
from services.images import decoder as decoder_module
from services.images.decoder import REASONS, Decoder
from services.images.images import NoImage
from tests.patience import PATIENCE_S
from tests.services.images.files import FILES, exif, file_of, image, many_scans

pytestmark = pytest.mark.lengthy

SIDE, THUMBNAIL_BYTES = values.SIDE, values.THUMBNAIL_BYTES
RED, GREEN = (200, 30, 20), (20, 180, 40)


def said(decoder: Decoder, content: bytes) -> str:
    """Return why there is no thumbnail; empty where there is one."""
    try:
        assert len(decoder.thumbnail(content)) == THUMBNAIL_BYTES
    except NoImage as none:
        return none.reason
    return ""


def dot(thumbnail: bytes, x: int, y: int) -> tuple[int, ...]:
    at = 3 * (y * SIDE + x)
    return tuple(thumbnail[at : at + 3])


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_a_reason_or_a_harmless_thumbnail(decoder: Decoder, name: str) -> None:
    make, wanted = FILES[name]

    assert said(decoder, make()) == wanted


def test_a_file_that_would_be_decoded_for_minutes_is_given_up(decoder: Decoder) -> None:
    assert said(decoder, many_scans(40_000)) == "took too long to decode"
    assert said(decoder, image("JPEG")) == ""


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WebP"]),
    at=st.integers(0, 2000),
    put=st.binary(max_size=8),
    cut=st.integers(0, 2000),
)
def test_damage_anywhere_is_a_reason_or_a_thumbnail(
    decoder: Decoder, kind: str, at: int, put: bytes, cut: int
) -> None:
    whole = image(kind)
    at, cut = at % len(whole), cut % len(whole)

    assert said(decoder, whole[:at] + put + whole[at + cut :]) in REASONS | {""}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP"])
def test_a_thumbnail_is_the_whole_image_and_the_same_whenever_it_is_made(decoder: Decoder, kind: str) -> None:
    thumbnail = decoder.thumbnail(image(kind))

    assert dot(thumbnail, 20, 20) == pytest.approx(GREEN, abs=6)
    assert dot(thumbnail, 100, 100) == pytest.approx(RED, abs=6)
    assert decoder.thumbnail(image(kind)) == thumbnail


def test_what_a_camera_wrote_beside_the_pixels_is_not_in_the_thumbnail(decoder: Decoder) -> None:
    assert b"of somebody" in image("JPEG", exif=exif(1))
    assert decoder.thumbnail(image("JPEG", exif=exif(1))) == decoder.thumbnail(image("JPEG"))


@pytest.mark.parametrize(
    ("orientation", "green"), [(1, (20, 20)), (2, (100, 20)), (3, (100, 100)), (6, (100, 20)), (8, (20, 100))]
)
def test_an_image_is_upright_however_its_camera_was_held(
    decoder: Decoder, orientation: int, green: tuple[int, int]
) -> None:
    thumbnail = decoder.thumbnail(image("JPEG", exif=exif(orientation)))

    assert dot(thumbnail, *green) == pytest.approx(GREEN, abs=6)


def test_what_shines_through_is_white(decoder: Decoder) -> None:
    assert set(decoder.thumbnail(file_of(Image.new("RGBA", (64, 64), (0, 0, 0, 0))))) == {255}


def test_sixteen_bits_of_grey_are_not_all_white(decoder: Decoder) -> None:
    assert set(decoder.thumbnail(file_of(Image.new("I;16", (64, 64), 0x8000)))) == {0x80}


def test_a_decoder_that_was_killed_is_replaced_and_no_image_is_lost(decoder: Decoder) -> None:
    assert said(decoder, image("PNG")) == ""
    process = decoder._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()

    assert said(decoder, image("PNG")) == ""


# Ends over the first file, in the middle of its answer; is itself from then on.
ENDS_ONCE = """
import os, pathlib, runpy
ended = pathlib.Path(__file__).with_suffix(".ended")
if ended.exists():
    runpy.run_path({program!r}, run_name="__main__")
else:
    ended.touch()
    os.read(0, 4)
    os.write(1, bytes([0, 0, 192, 1]) + b"+half")
"""


def test_an_image_over_which_a_decoder_ended_is_tried_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ends_once.py"
    program.write_text(ENDS_ONCE.format(program=str(Path(decode.__file__))))
    monkeypatch.setattr(decoder_module, "_PROGRAM", program)

    with closing(Decoder()) as ending:
        assert said(ending, image("PNG")) == ""


# A program that has had one file decoded, says by whom, and waits.
ASKS = """
import sys
from services.images.decoder import Decoder
from services.images.images import NoImage

decoder = Decoder()
try:
    decoder.thumbnail(b"x")
except NoImage:
    print(decoder._process.pid, flush=True)
sys.stdin.read()
"""


def test_a_decoder_ends_with_whoever_started_it() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ASKS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as asking:
        assert asking.stdout is not None
        decoding = Path("/proc") / asking.stdout.readline().decode().strip()
        assert "decode.py" in (decoding / "cmdline").read_text()
        asking.kill()
    until_s = time.monotonic() + PATIENCE_S
    while runs(decoding):
        assert time.monotonic() < until_s, "it goes on"
        time.sleep(0.02)


def runs(process: Path) -> bool:
    """Say whether a process is there and has not ended, also where nobody has asked how."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_decoder_has_no_environment(decoder: Decoder) -> None:
    said(decoder, image("PNG"))
    process = decoder._process
    assert process is not None

    assert Path(f"/proc/{process.pid}/environ").read_bytes() == b""


# What a file that has taken its decoder over would have it do, and what is said of that.
TAKEN_OVER = """
import os, socket, time
from services.images import decode

decode.WALL_S = 1.0

def heard(does):
    decode.answer = lambda content: str(does()).encode()
    return decode.answer_apart(b"").decode()

print(
    heard(lambda: len(bytearray(2**30))),
    heard(lambda: open("/etc/passwd").read()),
    heard(lambda: socket.socket()),
    heard(lambda: os.pipe()),
    heard(lambda: time.sleep(60)),
    heard(lambda: [None for _ in iter(int, 1)]),
    heard(lambda: "+" + "x" * 2**20),
    heard(lambda: "fine"),
    sep="|",
)
"""


def test_a_decoder_that_is_taken_over_gets_no_memory_no_file_no_line_and_no_time() -> None:
    told = subprocess.run([sys.executable, "-c", TAKEN_OVER], capture_output=True, text=True, check=True)

    nothing, late = "-damaged", "-took too long to decode"
    assert told.stdout.strip().split("|") == [*[nothing] * 4, late, late, nothing, "fine"]


def test_the_program_and_whoever_runs_it_mean_the_same() -> None:
    said_by_it = {decode.DAMAGED, decode.TOO_LONG, *(reason for _, reason in FILES.values() if reason)}

    assert (decode.SIDE, decode.THUMBNAIL_BYTES) == (SIDE, THUMBNAIL_BYTES)
    assert said_by_it == REASONS
