"""What the recount finds: it is told of a run in which all went well, and of one thing that did not."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from catenae import Documents, Message, Topology
from catenae.stores import open_documents
from catenae.testing import drain, message
from tests.chaos import rules
from tests.chaos.reading import all_documents
from tests.chaos.report import Report
from tests.chaos.shapes import bank
from tests.chaos.trial import Trial
from tests.chaos.verdict import Dead, Found, Seen, judge

ENTERED = 60


@pytest.fixture(scope="module")
def well() -> Found:
    """Return what there is after a run in one thread, in which nothing happened."""
    topology = bank()
    paths = [f"amounts-{number}" for number in range(ENTERED)]
    entered = [message(rules.value_of(path), key=rules.key_of(path)) for path in paths]
    with closing(open_documents("sqlite:")) as documents:
        written = drain(topology, {"amounts": entered}, documents=documents, for_s=60, expect_errors=True)
        return found(topology, written, documents, paths)


def found(
    topology: Topology, written: dict[str, list[Message]], documents: Documents, paths: list[str]
) -> Found:
    return Found(
        topics={topic: seen(written[topic]) for topic in topology.data_topics()},
        dead=[
            Dead(
                topic,
                each.headers["dead-group"].decode(),
                each.value["path"],
                each.headers["dead-reason"].decode(),
            )
            for topic in topology.data_topics()
            for each in written.get(f"{topic}.dead", ())
        ],
        documents={"d": {str(each["id"]): each for each in all_documents(documents, "d")}},
        acknowledged={"amounts": paths},
    )


def seen(messages: Sequence[Message]) -> list[Seen]:
    in_order = sorted(messages, key=lambda each: each.partition)
    return [Seen(each.partition, each.offset, each.key, each.value) for each in in_order]


def changed(well: Found, topic: str, change: Callable[[list[Seen]], object]) -> Found:
    """Return what was found with one topic changed."""
    records = list(well.topics[topic])
    change(records)
    return replace(well, topics={**well.topics, topic: records})


def kinds(found: Found) -> dict[str, int]:
    return judge(bank(), found).by_kind()


def two_of_a_key(records: Sequence[Seen]) -> tuple[int, int]:
    """Return where two records of one key and of one input are, neither of them made by a cycle."""
    plain = [n for n, each in enumerate(records) if "b1" not in each.value["path"]]
    return next((n, m) for n in plain for m in plain if n < m and records[n].key == records[m].key)


@pytest.mark.lengthy
def test_a_run_in_which_all_went_well_is_right(well: Found) -> None:
    verdict = judge(bank(), well)

    assert not verdict.faults
    assert verdict.entered == ENTERED
    assert verdict.expected > 10 * ENTERED
    assert well.dead, "the poison of the rules must strike some"


@pytest.mark.lengthy
def test_a_record_that_is_missing_is_lost(well: Found) -> None:
    assert kinds(changed(well, "ledger", list.pop))["lost"] == 1


def test_a_record_that_is_there_twice_is_doubled(well: Found) -> None:
    assert kinds(changed(well, "later", lambda records: records.append(records[-1]))) == {"doubled": 1}


def test_a_record_that_nothing_makes_is_alien(well: Found) -> None:
    stray = well.topics["parts"][0]._replace(value=rules.value_of("nobody-0.z0"))

    assert kinds(changed(well, "parts", lambda records: records.append(stray))) == {"alien": 1}


@pytest.mark.parametrize("change", [{"count": 1000}, {"total": -1}, {"amount": 5000}])
def test_a_wrong_number_is_wrong(well: Found, change: dict[str, Any]) -> None:
    def spoil(records: list[Seen]) -> None:
        records[7] = records[7]._replace(value={**records[7].value, **change})

    assert kinds(changed(well, "sums", spoil))["wrong"] == 1


def test_a_record_under_another_key_is_wrong(well: Found) -> None:
    def spoil(records: list[Seen]) -> None:
        records[0] = records[0]._replace(key="k99")

    assert kinds(changed(well, "parts", spoil))["wrong"] == 1


def test_a_record_in_another_partition_than_its_key_is_astray(well: Found) -> None:
    def move(records: list[Seen]) -> None:
        records[-1] = records[-1]._replace(partition=0)

    assert kinds(changed(well, "ledger", move)) == {"astray": 1}


def test_two_records_that_have_changed_places_are_disordered(well: Found) -> None:
    def swap(records: list[Seen]) -> None:
        first, second = two_of_a_key(records)
        records[first], records[second] = records[second], records[first]

    assert kinds(changed(well, "ledger", swap))["disordered"] >= 1


def test_what_was_acknowledged_and_is_not_there_is_lost(well: Found) -> None:
    acknowledged = {"amounts": [*well.acknowledged["amounts"], "amounts-9000"]}

    assert (
        "amounts: 1 lost, such as amounts-9000"
        in judge(bank(), replace(well, acknowledged=acknowledged)).lines()
    )


def test_what_was_not_acknowledged_and_is_there_counts(well: Found) -> None:
    assert not judge(bank(), replace(well, acknowledged={})).faults


def test_a_dead_letter_that_no_poison_explains_is_told(well: Found) -> None:
    letter = Dead("sums", "bank.ledger", "amounts-0.a0.b0", "Poison")

    assert kinds(replace(well, dead=[*well.dead, letter])) == {"unexplained": 1}


def test_a_dead_letter_for_another_reason_is_told(well: Found) -> None:
    swollen = next(each for each in well.dead if each.reason == "RecordTooLarge")
    others = [each for each in well.dead if each is not swollen]

    assert kinds(replace(well, dead=[*others, swollen._replace(reason="Poison")])) == {
        "not set aside": 1,
        "unexplained": 1,
    }


def test_poison_without_its_dead_letter_is_told(well: Found) -> None:
    assert kinds(replace(well, dead=well.dead[1:])) == {"not set aside": 1}


@pytest.mark.parametrize("change", [{"total": 1}, None])
def test_a_document_that_is_wrong_or_missing_is_told(well: Found, change: dict[str, Any] | None) -> None:
    kept = dict(well.documents["d"])
    some = next(iter(kept))
    if change is None:
        del kept[some]
    else:
        kept[some] = {**kept[some], **change}

    assert kinds(replace(well, documents={"d": kept})) == {"document": 1}


@pytest.mark.parametrize(("untold", "is_void"), [(0, False), (2, True)])
def test_what_may_be_of_transactions_that_kafka_has_left_is_no_verdict(
    well: Found, untold: int, is_void: bool
) -> None:
    verdict = judge(bank(), changed(well, "ledger", list.pop))

    report = Report(Trial(shape="bank"), verdict, {}, [], [], refused=0, untold=untold, seconds=1)

    assert (report.holds, report.is_void) == (False, is_void)
