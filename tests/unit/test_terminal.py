"""What becomes of texts from outside on their way to a terminal."""

import io
import json
import re
import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from rich.text import Text

from catenae.cli.table import columns
from catenae.screen import Screen
from catenae.terminal import Drawn, Shown, harmless, one_line

OBEYED = {
    "a title (OSC)": "\x1b]0;mine\x07",
    "clear the screen (CSI)": "\x1b[2J",
    "a colour": "\x1b[31m",
    "CSI of C1": "\x9b2J",
    "back over the line": "\r\x08",
    "delete": "\x7f",
    "next line of C1": "\x85",
    "right to left": "\u202eabc\u2066",
    "marks of direction": "\u200e\u200f\u061c",
    "no width": "\u200b\u200c\u200d\u2060\ufeff",
    "a soft hyphen": "\u00ad",
    "a filler": "\u3164\u115f",
    "tags": "\U000e0041\U000e0001",
    "selectors that hide data": "\U000e0100\ufe00",
    "line and paragraph": "\u2028\u2029",
    "half a letter": "\ud83d",
}
# The marks, whose names say what they do, and the two that choose a form of a letter with room.
ROOMLESS = ("Cc", "Cf", "Zl", "Zp", "Cs")


@pytest.mark.parametrize("text", OBEYED.values(), ids=OBEYED)
def test_nothing_that_a_terminal_obeys_or_hides_is_left(text: str) -> None:
    shown = harmless(f"ann {text} bob")

    assert shown.isprintable()
    assert json.loads(f'"{shown}"') == f"ann {text} bob"


@pytest.mark.lengthy
def test_no_letter_of_unicode_without_a_form_of_its_own_is_let_through() -> None:
    letters = map(chr, range(sys.maxunicode + 1))
    unseen = "".join(
        each for each in letters if unicodedata.category(each) in ROOMLESS and each not in "\n\t"
    )

    assert re.fullmatch(r"(\\u[0-9a-f]{4})+", harmless(unseen))


@pytest.mark.parametrize("text", ["año", "Ελλάς", "日本語", "שלום", "مرحبا", "क्षि", "❤\ufe0f", "a\n\tb\n"])
def test_letters_of_any_script_are_left_alone(text: str) -> None:
    assert harmless(text) == text


@given(st.text(st.characters(codec=None)))
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)
    assert "\n" not in one_line(text)


def stream() -> tuple[io.BytesIO, io.TextIOWrapper]:
    written = io.BytesIO()
    return written, io.TextIOWrapper(written, encoding="utf-8", errors="backslashreplace", write_through=True)


def test_a_drawing_passes_with_nothing_but_what_draws() -> None:
    written, wrapper = stream()

    Drawn(wrapper).write("\r\x1b[2K\x1b[1A\x1b[1;31mred\x1b[0m\x1b[?25l" + "\x1b[2J\x1b]0;t\x07\x9b")

    drawn, _, rest = written.getvalue().decode().partition("\x1b[?25l")
    assert drawn == "\r\x1b[2K\x1b[1A\x1b[1;31mred\x1b[0m"
    assert rest == "\\u001b[2J\\u001b]0;t\\u0007\\u009b"


def test_a_standard_stream_has_no_way_round() -> None:
    written, wrapper = stream()
    shown = Shown(wrapper)

    print("\x1b[31mred", file=shown)

    assert written.getvalue() == b"\\u001b[31mred\n"
    assert not hasattr(shown, "buffer")


@pytest.mark.parametrize("cell", ["\x1b[31mred\x9b", "[link=http://evil.example]here[/link]", "[/x]"])
@pytest.mark.parametrize("as_text", [False, True])
def test_a_cell_of_a_table_is_a_text_and_nothing_more(cell: str, as_text: bool) -> None:
    written = io.StringIO()
    table = Table("name")
    table.add_row(Text(cell) if as_text else cell)

    Screen(file=written, force_terminal=True, width=100).print(table)

    drawn = re.sub(r"\x1b\[[0-9;]*m", "", written.getvalue())
    assert harmless(cell)[:7] in drawn
    assert "\x1b" not in drawn


def test_a_cell_cannot_make_a_row_of_its_own() -> None:
    assert columns(("NAME", "N"), [("ann\nbob  9", 1)]).splitlines() == ["NAME        N", "ann bob  9  1"]


@pytest.mark.lengthy
def test_a_library_that_opens_a_stream_anew_finds_nothing_beneath() -> None:
    """typer does so where the encoding is ASCII."""
    code = "import typer, catenae; catenae.command_line('shop', lambda: typer.echo('\\x9b2J \\x1b[2J'))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONIOENCODING": "ascii"}, capture_output=True, check=True
    )

    assert done.stdout in {b"\\u009b2J \\u001b[2J\n", b"\\u009b2J \n"}
