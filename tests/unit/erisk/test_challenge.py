"""A team's way through the rounds, and what may not shorten it."""

from collections.abc import Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.depression.model.scores import Decision
from services.erisk.protocol import Form, rows_of, user_of
from services.erisk.server.challenge import Challenge, Refused
from services.erisk.server.results import results_of
from services.erisk.server.rounds import rounds_of
from services.reddit.records import TextRecord, text_record


def written(user: str, at: int, body: str, **more: Any) -> TextRecord:
    return text_record({"id": f"t1_{user}{at}", "author": user, "created_utc": at, "body": body, **more})


POSTS = {
    "ann": [written("ann", 1, "the soup", link_id="t3_x"), written("ann", 2, "again", link_id="t3_x")],
    "bob": [written("bob", 3, "b &amp; c", link_id="t3_x"), written("bob", 4, "alone")],
    "eve": [written("eve", 5, "> no\nbread")],
}


class Team(Challenge):
    """Two runs, at times that pass by themselves."""

    def __init__(self, journal: Path | None = None, timeout_s: float = 100.0) -> None:
        self.now_s = 0.0
        rounds, user = rounds_of(POSTS, Form.WRITINGS), partial(user_of, form=Form.WRITINGS)
        super().__init__(rounds, user, 2, journal, timeout_s, lambda: self.now_s)

    def say(self, run: int, *alerted: str) -> None:
        self.submit(run, [{"nick": user, "decision": int(user in alerted), "score": 0.5} for user in POSTS])


def test_a_round_is_given_until_every_run_has_answered_it() -> None:
    team = Team()

    numbers = [team.round()[0]["number"]]
    team.say(0)
    numbers.append(team.round()[0]["number"])
    team.say(1)
    numbers.append(team.round()[0]["number"])

    assert numbers == [0, 0, 1]
    assert [entry["nick"] for entry in team.round()] == ["ann", "bob"]


def test_after_the_last_round_there_is_nothing_and_nothing_is_taken() -> None:
    team = Team()
    for _ in range(2):
        team.round()
        team.say(0)
        team.say(1)

    assert (list(team.round()), team.is_over) == ([], True)
    with pytest.raises(Refused):
        team.say(0)


def test_an_alert_is_final_and_its_delay_is_what_the_user_had_written() -> None:
    team = Team()
    for first, second in ((("ann",), ()), (("ann",), ("bob", "eve"))):
        team.round()
        team.say(0, *first)
        team.say(1, *second)

    assert team.decisions(0) == {
        "ann": Decision(positive=True, posts=1),
        "bob": Decision(positive=False, posts=2),
        "eve": Decision(positive=False, posts=1),
    }
    assert team.decisions(1)["eve"] == Decision(positive=True, posts=1)


def test_a_round_that_nobody_answers_is_over_in_time() -> None:
    team = Team(timeout_s=10)
    team.round()
    team.say(0, "ann")
    team.now_s = 9
    assert team.round()[0]["number"] == 0

    team.now_s = 10
    assert team.round()[0]["number"] == 1
    assert (team.decisions(0)["ann"].positive, team.decisions(1)["ann"].positive) == (True, False)


def test_a_server_that_was_killed_goes_on_from_its_journal(tmp_path: Path) -> None:
    team = Team(tmp_path / "journal")
    team.round()
    team.now_s = 3
    team.say(0, "ann")
    team.say(1)
    team.round()
    with (tmp_path / "journal").open("a") as journal:
        journal.write('{"run": 0, "ans')

    team.close()

    with closing(Team(tmp_path / "journal")) as again:
        assert again.round()[0]["number"] == 1
        assert again.decisions(0) == team.decisions(0)
        found = results_of(again, dict.fromkeys(POSTS, False))
    assert (found.rounds, found.seconds, found.is_over) == (1, 3.0, False)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        [{"nick": "ann", "decision": 1, "score": 0.5}],
        [{"nick": user, "decision": 2, "score": 0.5} for user in POSTS],
        [{"nick": user, "decision": 1, "score": float("nan")} for user in POSTS],
        [{"nick": user, "decision": 1, "score": 0.5} for user in (*POSTS, "zoe")],
        [{"nick": user, "decision": 1, "score": 0.5} for user in (*POSTS, "ann")],
    ],
)
def test_an_answer_is_one_for_each_user_or_none(answers: Any) -> None:
    team = Team()
    team.round()

    with pytest.raises(Refused):
        team.submit(0, answers)


def read(entry: Mapping[str, Any], form: Form) -> list[str]:
    return [text_record(row)["body"] for row in rows_of(entry, form)]


def test_a_writing_is_read_as_it_was_written() -> None:
    first, second = rounds_of(POSTS, Form.WRITINGS)

    assert [read(entry, Form.WRITINGS) for entry in first] == [
        ["the soup"],
        ["b &amp; c"],
        ["> no\nbread"],
    ]
    assert [read(entry, Form.WRITINGS) for entry in second] == [["again"], ["alone"]]
    assert text_record(next(rows_of(second[0], Form.WRITINGS)))["created_utc"] == 2


def test_a_discussion_is_whole_and_given_to_each_who_took_part() -> None:
    first, second = rounds_of(POSTS, Form.DISCUSSIONS)

    ann, bob, eve = first
    assert [comment["author"] for comment in ann["comments"]] == ["ann", "ann", "bob"]
    assert ann["comments"] == bob["comments"]
    assert read(ann, Form.DISCUSSIONS) == ["the soup", "again"]
    assert read(bob, Form.DISCUSSIONS) == ["b &amp; c"]
    assert (read(eve, Form.DISCUSSIONS), [entry["targetSubject"] for entry in second]) == (
        ["> no\nbread"],
        ["bob"],
    )
