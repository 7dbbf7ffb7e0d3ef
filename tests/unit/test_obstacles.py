from pathlib import Path

from catenae.observability.obstacles import Obstacles


def test_what_a_member_waits_for_is_seen_by_another_process_until_it_is_over(tmp_path: Path) -> None:
    mine, shown = Obstacles(tmp_path), Obstacles(tmp_path)
    mine.tell("counter-0", "no store answers")
    assert (shown.of("counter-0"), shown.of("counter-1")) == ("no store answers", "")

    mine.tell("counter-0", "")
    assert shown.of("counter-0") == ""


def test_an_earlier_run_leaves_nothing_to_wait_for(tmp_path: Path) -> None:
    Obstacles(tmp_path).tell("counter-0", "no store answers")
    Obstacles(tmp_path).clear()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_room_is_no_reason_to_end(tmp_path: Path) -> None:
    Obstacles(tmp_path / "missing").tell("counter-0", "no store answers")

    assert Obstacles(tmp_path / "missing").of("counter-0") == ""
