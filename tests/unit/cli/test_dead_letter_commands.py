from typing import Any

import pytest

from catenae.deployment.sealing import seal_of
from catenae.message import Record, TopicPartition
from catenae.runtime.dead_letters import from_failure, from_rejection, from_source


@pytest.fixture
def letters(catenae: Any) -> Any:
    """The command line, with two letters of ann's and one that a Source refused."""
    failed = Record("texts", b"ann", b'"my words"', {"trace": b"7"}, 1, 41, 1000)
    catenae.broker.append(
        [
            from_failure(failed, "screening.tagger", KeyError("my words"), 2000)._replace(partition=1),
            from_rejection(failed, "screening.tagger", "too long", 2000)._replace(partition=0),
            from_source(Record("texts", b"bob", b"?"), "screening.reader", "no date", 2000),
        ]
    )
    return catenae


def test_letters_are_counted_by_topic_reason_and_node(letters: Any) -> None:
    lines = letters("dead-letters", "list").stdout.splitlines()

    assert [line.split() for line in lines] == [
        ["TOPIC", "REASON", "NODE", "LETTERS"],
        ["texts.dead", "KeyError", "screening.tagger", "1"],
        ["texts.dead", "no", "date", "screening.reader", "1"],
        ["texts.dead", "too", "long", "screening.tagger", "1"],
    ]


def test_without_letters_that_is_said(catenae: Any) -> None:
    assert catenae("dead-letters", "list").stdout == "no dead letters\n"


def test_a_letter_is_shown_without_a_persons_words_unless_asked(letters: Any) -> None:
    plain = letters("dead-letters", "show", "texts").stdout
    full = letters("dead-letters", "show", "texts.dead", "--value").stdout

    assert "dead-origin: texts[1]@41" in plain
    assert 'value: "my words"' not in plain
    assert "ann" not in plain
    assert "key: 'ann'\n    value: \"my words\"" in full


def test_replayed_letters_go_back_once_to_the_node_that_failed(letters: Any) -> None:
    first = letters("dead-letters", "replay", "texts")
    letters("dead-letters", "replay", "texts")

    spans = letters.broker.spans("texts")
    records = [
        each for number, span in enumerate(spans) for each in letters.broker.read("texts", number, 0, 9)
    ]
    assert first.stdout == "2 dead letters replayed\n"
    assert all(each == seal_of(letters.broker).honoured(each) for each in records)
    assert [(each.key, each.value, {**each.headers, "seal": b""}) for each in records] == [
        (
            b"ann",
            b'"my words"',
            {"trace": b"7", "only-group": b"screening.tagger", "first-id": b"texts[1]@41", "seal": b""},
        )
    ] * 2


def test_what_a_source_refused_stays_listed(letters: Any) -> None:
    letters("dead-letters", "replay", "texts")

    assert letters("dead-letters", "list").stdout.split()[4:] == [
        "texts.dead",
        "no",
        "date",
        "screening.reader",
        "1",
    ]


def test_a_letter_that_comes_after_a_replay_waits(letters: Any) -> None:
    letters("dead-letters", "replay", "texts")
    again = Record("texts", b"ann", b"1", {}, 0, 0, 3000)
    letters.broker.append([from_rejection(again, "screening.tagger", "too long", 4000)])

    assert "too long" in letters("dead-letters", "list").stdout


def test_an_unknown_topic_has_no_letters(letters: Any) -> None:
    assert "did you mean 'texts.dead'?" in letters.refused("dead-letters", "show", "text")
    assert TopicPartition("texts.dead", 0) not in letters.broker.positions("catenae.dead-letters")


def test_dropped_letters_wait_no_more_also_those_that_cannot_be_replayed(letters: Any) -> None:
    assert letters("dead-letters", "drop", "texts", "--yes").stdout == "3 dead letters dropped\n"

    assert letters("dead-letters", "list").stdout == "no dead letters\n"
    assert letters("dead-letters", "replay", "texts").stdout == "0 dead letters replayed\n"
    assert letters("dead-letters", "drop", "texts", "--yes").stdout == "0 dead letters dropped\n"


def test_nothing_is_dropped_where_nobody_can_be_asked(letters: Any) -> None:
    assert "nothing was dropped; add --yes" in letters.refused("dead-letters", "drop", "texts")
    assert letters("dead-letters", "replay", "texts").stdout == "2 dead letters replayed\n"


ODD = {
    "no group": {"dead-topic": b"texts", "dead-reason": b"\xff\x1b[2J"},
    "of elsewhere": {"dead-topic": b"other", "dead-group": b"g"},
    "an origin that is none": {
        "dead-topic": b"texts",
        "dead-group": b"g",
        "dead-origin": b"texts[9999999999]@7",
    },
    "cut from nothing": {
        "dead-topic": b"texts",
        "dead-group": b"g",
        "dead-shortened": b"-5",
        "dead-origin": b"texts[4294967295]@9999999999999999999",
    },
    "a time that is none": {"dead-topic": b"texts", "dead-group": b"\xff", "dead-at-ms": "²".encode()},
}


@pytest.mark.parametrize("headers", ODD.values(), ids=ODD)
def test_no_letter_keeps_others_from_being_listed_shown_replayed_or_dropped(
    letters: Any, headers: dict[str, bytes]
) -> None:
    letters.broker.append([Record("texts.dead", b"\x1b[2J", b"\xc1", headers, partition=0)])

    assert "too long" in letters("dead-letters", "list").stdout
    shown = letters("dead-letters", "show", "texts", "--value").stdout
    assert "\x1b" not in shown
    assert "too long" in shown
    assert letters("dead-letters", "replay", "texts").exit_code == 0
    assert sum(span.end for span in letters.broker.spans("texts")) >= 2
    assert letters("dead-letters", "drop", "texts", "--yes").exit_code == 0
    assert letters("dead-letters", "list").stdout == "no dead letters\n"
