import io
from dataclasses import replace

from rich.console import Console

from catenae.cli.live_table import live_table
from catenae.cli.plain_status import plain_status
from catenae.running.local import NodeStatus, Status

COUNTER = NodeStatus(
    "counter", running=1, wanted=2, in_per_s=1234.4, out_per_s=5, messages_in=98765, messages_out=43, lag=17,
    handler_ms=0.123456, restarts=3, retries=4, dead_letters=6,
)  # fmt: skip
READER = NodeStatus("reader", running=0, wanted=1, is_finished=True, messages_out=1000)
STATUS = Status("words", 3723.0, (READER, COUNTER), ("counter-1 was ended by signal 9",), noticed=1)


def test_the_table_shows_every_figure_and_the_total() -> None:
    console = Console(file=io.StringIO(), width=100)
    with live_table(console) as show:
        show(STATUS)

    text = console.file.getvalue()  # type: ignore[attr-defined]
    lines = [line.split() for line in text.splitlines()]
    assert lines[0] == ["words", "1:02:03", "(Ctrl-C", "stops)"]
    assert ["counter", "1/2", "1,234", "5", "98,765", "43", "17", "6", "0.123", "4", "3"] in lines
    assert ["reader", "finished", "0", "0", "0", "1,000", "0", "0", "0", "0"] in lines
    assert ["total", "1/3", "1,234", "5", "98,765", "1,043", "17", "6", "4", "3"] in lines
    assert "counter-1 was ended by signal 9" in text
    assert "\x1b[3" not in text  # no colour but on a terminal


def test_a_bar_shows_how_far_a_source_has_come() -> None:
    source = NodeStatus("replay", running=1, wanted=1, progress=0.375)
    console = Console(file=io.StringIO(), width=100)
    with live_table(console) as show:
        show(Status("words", 3.0, (source, COUNTER)))

    lines = [line.split() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    [bar] = [line for line in lines if line[0] == "replay" and line[-1] == "37.5%"]
    assert len(bar[1]) == 15 or "━" in bar[1]


def test_a_small_terminal_shows_every_digit_and_the_total() -> None:
    node = replace(COUNTER, name="a_rather_long_name", messages_in=1_234_567_890, messages_out=1_234_567_890)
    console = Console(file=io.StringIO(), width=80, height=12)
    with live_table(console) as show:
        show(Status("words", 3.0, (node,) * 20, STATUS.notices, noticed=1))

    text = console.file.getvalue()  # type: ignore[attr-defined]
    lines = [line.split() for line in text.splitlines()]
    assert len(lines) <= 12
    figures = ["1,234", "5", "1,234,567,890", "1,234,567,890", "17", "6"]
    assert sum(line[2:] == figures and line[0].startswith("a_r") for line in lines) == 6
    assert ["+14"] in lines
    assert ["total", "20/40", "24,688", "100", "24,691,357,800", "24,691,357,800", "340", "120"] in lines


def test_without_a_terminal_a_notice_is_written_once_and_the_last_figures_always() -> None:
    stream = io.StringIO()
    with plain_status(stream) as show:
        for elapsed_s in (0.5, 1.0, 1.5):
            show(Status("words", elapsed_s, (READER, COUNTER), STATUS.notices, noticed=1))

    assert stream.getvalue().splitlines() == [
        "counter-1 was ended by signal 9",
        "0 s  reader finished in 0 out 1,000 lag 0  "
        "counter 1/2 in 98,765 (1,234/s) out 43 (5/s) lag 17 dead 6 retries 4 restarts 3",
        "2 s  reader finished in 0 out 1,000 lag 0  "
        "counter 1/2 in 98,765 (1,234/s) out 43 (5/s) lag 17 dead 6 retries 4 restarts 3",
    ]


def test_without_a_terminal_a_source_says_how_far_it_has_come() -> None:
    stream = io.StringIO()
    with plain_status(stream) as show:
        show(Status("words", 2.0, (replace(READER, is_finished=False, running=1, progress=0.375),)))

    assert stream.getvalue() == "2 s  reader 1/1 37.5% in 0 out 1,000 lag 0\n"
