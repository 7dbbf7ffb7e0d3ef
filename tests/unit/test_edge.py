"""What becomes of anything that goes wrong in a command, and of standard streams that are no more."""

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catenae.edge import command_line
from catenae.errors import ConfigError

WRITES = "from catenae.edge import command_line; command_line('shop', lambda: print('caf\\xe9 \\u2713'))"


def raising(error: BaseException) -> Callable[[], None]:
    def run() -> None:
        raise error

    return run


def ended(run: Callable[[], object]) -> object:
    """Return the status with which a command line ends."""
    with pytest.raises(SystemExit) as end:
        command_line("shop", run, expected=(LookupError,))
    return end.value.code


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConfigError("port 1 is taken;\n  choose another"), "shop: port 1 is taken; choose another\n"),
        (LookupError("no such shelf"), "shop: no such shelf\n"),
        (
            OSError(errno.EMFILE, "Too many", "a/b"),
            "shop: a/b: Too many. Let a process open more files (ulimit -n)\n",
        ),
        (OSError(errno.ENOSPC, "Full", "a"), "shop: a: Full. Make room on the disk\n"),
        (PermissionError(errno.EACCES, "Denied", b"a/b"), "shop: a/b: Denied. Check that the path exists"),
        (MemoryError(), "shop: there is not enough memory. Let the process have more (ulimit -v)"),
        (RecursionError("deep"), "shop: something is nested too deep"),
    ],
)
def test_what_goes_wrong_is_one_line_and_status_2(
    error: Exception, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(raising(error)) == 2
    told = capsys.readouterr().err
    assert told.startswith(said)
    assert told.count("\n") == 1


class Fragile:
    """Raises when it is put away, where no error gets out."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __del__(self) -> None:
        raise self._error


def putting_away(error: BaseException, waited_s: float) -> Callable[[], None]:
    def run() -> None:
        fragile = Fragile(error)
        del fragile
        threading.Event().wait(waited_s)

    return run


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Heed SIGINT as Python does at its start: a command that ran in this process before has its own way."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_that_falls_into_a_destructor_stops_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert ended(putting_away(KeyboardInterrupt(), 30)) == 130
    assert capsys.readouterr().err == "shop: stopped\n"


@pytest.mark.lengthy
def test_an_interrupt_at_the_very_end_changes_nothing() -> None:
    code = (
        "import os; from catenae.edge import command_line\n"
        "class Late:\n"
        "    def __del__(self, pid=os.getpid(), kill=os.kill): kill(pid, 2)\n"
        "late = Late(); command_line('shop', lambda: None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_a_destructor_raises_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(putting_away(ValueError("ann is sad"), 0)) == 0
    assert capsys.readouterr().err.startswith("shop: something was not put away: ValueError in ")


def test_what_nobody_has_foreseen_is_told_without_its_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ended(raising(ValueError("ann is sad"))) == 2
    told = capsys.readouterr().err
    assert f"ValueError in {__file__}:" in told
    assert "ann" not in told

    monkeypatch.setenv("CATENAE_TRACEBACK", "1")
    assert ended(raising(ValueError("ann is sad"))) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_status_of_its_own_is_kept() -> None:
    assert ended(raising(SystemExit(7))) == 7
    assert ended(lambda: None) == 0


def test_ctrl_c_is_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err == "shop: stopped\n"


def test_a_thread_that_dies_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def run() -> None:
        thread = threading.Thread(target=raising(KeyError("ann")))
        thread.start()
        thread.join()

    assert ended(run) == 0
    told = capsys.readouterr().err
    assert told.startswith("shop: a thread has ended: KeyError in ")
    assert told.count("\n") == 1


def run_writing(redirected: str, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a command that writes a line, through a shell that has redirected its streams."""
    return subprocess.run(
        ["sh", "-c", f'"$0" -c "$1" {redirected}', sys.executable, WRITES],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("redirected", "status", "said"),
    [
        ("> /dev/full", 2, b"shop: the standard output takes no more: No space left on device"),
        (">&-", 0, b""),
        ("<&- >&- 2>&-", 0, b""),
        ("> /dev/full 2> /dev/full", 2, b""),
    ],
)
def test_an_output_that_takes_nothing_is_one_line_and_one_that_is_closed_is_none(
    redirected: str, status: int, said: bytes
) -> None:
    done = run_writing(redirected)

    assert done.returncode == status
    assert done.stderr.startswith(said)
    assert done.stderr.count(b"\n") == (1 if said else 0)


@pytest.mark.lengthy
def test_an_output_that_nobody_reads_is_the_readers_wish() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", WRITES], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("latin-1", b"caf\xe9 \\u2713\n"),
        ("utf-8", "caf\N{LATIN SMALL LETTER E WITH ACUTE} \u2713\n".encode()),
    ],
)
def test_what_a_terminal_has_no_letter_for_is_escaped(encoding: str, written: bytes) -> None:
    assert run_writing("", PYTHONIOENCODING=encoding).stdout == written


@pytest.mark.lengthy
def test_a_closed_stream_is_not_taken_by_the_next_file(tmp_path: Path) -> None:
    opening = f"lambda: print(open({str(tmp_path / 'f')!r}, 'w').fileno(), file=sys.stderr)"
    code = f"import sys; from catenae.edge import command_line; command_line('shop', {opening})"
    done = subprocess.run(
        ["sh", "-c", '"$0" -c "$1" <&- >&-', sys.executable, code], capture_output=True, check=True
    )

    assert int(done.stderr) > 2


@pytest.mark.parametrize(
    ("columns", "laid_out_in"),
    [("1", "40"), ("40", "40"), ("132", "132"), ("0", None), ("²", None), ("9" * 5000, None), ("", None)],
    ids=["one", "few", "many", "none", "no digit to int", "too many", "empty"],
)
def test_what_is_laid_out_has_columns_that_there_can_be(
    columns: str, laid_out_in: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    found: list[str | None] = []

    ended(lambda: found.append(os.environ.get("COLUMNS")))

    assert found == [laid_out_in]


@pytest.mark.lengthy
def test_a_wrong_option_is_read_in_a_line_however_narrow_the_terminal_is_said_to_be() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "catenae", "check", "--nonsense"],
        env={**os.environ, "COLUMNS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 2
    assert "No such option" in ran.stderr
