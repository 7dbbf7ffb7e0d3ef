"""A user is judged by whole groups of posts: those of an hour, or of one visit."""

import random
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catenae import ConfigError, Message, open_documents
from catenae.testing import MemoryState, message
from services.depression.alert_manager import AlertManager
from services.depression.storers import AlertStorer
from services.depression.values import WITHDRAWN
from services.reddit.records import GROUP
from tests.examples import share

HOUR_S = 3600
# Evidence of a post, and the hour it was written in.
Posts = Sequence[tuple[float, int]]
WRITTEN = st.lists(st.tuples(st.floats(-1, 1), st.integers(0, 5)), min_size=1, max_size=12)


def pictures(posts: Sequence[tuple[int, tuple[float, int]]], group: str = "") -> list[Message]:
    """Return the picture after each of some numbered posts: it depends on which they are, in any order."""
    found = []
    evidence: list[float] = []
    last = (0, "")
    for number, (more, hour) in posts:
        evidence.append(more)
        created_utc = HOUR_S * hour + number
        last = max(last, (created_utc, f"t1_{number}"))
        value = {
            "user": "ann",
            "probability": min(1.0, max(0.0, 0.5 + sum(sorted(evidence)) / 4)),
            "threshold": 0.6,
            "min_posts": 2,
            "posts": len(evidence),
            "first_utc": 0,
            "last_utc": last[0],
            "last_id": last[1],
            "post_id": f"t1_{number}",
            "created_utc": created_utc,
            "model": "m",
        }
        found.append(message(value, key="ann", headers={GROUP: group.encode()} if group else {}))
    return found


def outcome(messages: Sequence[Message], chance: random.Random) -> Mapping[str, Any] | None:
    """Return the alert that is there after messages that were cut into batches by chance."""
    manager, alert = AlertManager(MemoryState()), None
    while messages:
        cut = chance.randint(1, len(messages))
        for each in manager.transform_many(messages[:cut]):
            alert = None if WITHDRAWN in each.headers else each.value
        messages = messages[cut:]
    return alert


@pytest.mark.lengthy
@given(WRITTEN, st.randoms(use_true_random=False))
@settings(max_examples=share(1000), deadline=None)
def test_the_order_of_an_hour_and_the_edges_of_batches_change_no_alert(
    written: Posts, chance: random.Random
) -> None:
    posts = sorted(enumerate(written), key=lambda each: each[1][1])
    shuffled = sorted(chance.sample(posts, len(posts)), key=lambda each: each[1][1])

    assert outcome(pictures(shuffled), chance) == outcome(pictures(posts), chance)


@pytest.mark.lengthy
@given(WRITTEN, st.randoms(use_true_random=False))
@settings(max_examples=share(200), deadline=None)
def test_the_order_of_a_visit_changes_no_alert(written: Posts, chance: random.Random) -> None:
    posts = list(enumerate(written))
    shuffled = chance.sample(posts, len(posts))

    found = outcome(pictures(shuffled, "visit 0"), chance)

    assert found == outcome(pictures(posts, "visit 0"), chance)
    assert (found is None) == (pictures(posts)[-1].value["probability"] < 0.6 or len(posts) < 2)


def test_an_alert_that_the_rest_of_its_hour_does_not_bear_out_is_taken_back() -> None:
    state: MemoryState[dict[str, Any]] = MemoryState()
    manager = AlertManager(state)
    posts = pictures(list(enumerate([(0.3, 0), (0.5, 0), (-0.9, 0)])))

    opened = list(manager.transform_many(posts[:2]))
    taken_back = list(manager.transform_many(posts[2:]))

    assert [WITHDRAWN in each.headers for each in (*opened, *taken_back)] == [False, True]
    assert taken_back[0].value == {"id": "ann", "user": "ann"}
    assert state.values == {}


@pytest.mark.parametrize(
    ("said", "is_left"), [({}, False), ({"label": "risk"}, True), ({"hidden": True}, True)]
)
def test_a_withdrawn_alert_goes_unless_somebody_has_spoken_of_it(said: dict[str, Any], is_left: bool) -> None:
    withdrawn = message({"id": "ann", "user": "ann"}, key="ann", headers={WITHDRAWN: b""})
    with closing(open_documents("sqlite:")) as documents:
        documents.upsert("alerts", [{"id": "ann", "user": "ann", **said}])

        AlertStorer(documents, "alerts", "user", merges=True).consume_many([withdrawn])

        assert (documents.get("alerts", "ann") is not None) == is_left


def test_an_alert_that_is_withdrawn_goes_from_where_its_storer_keeps_it_and_nowhere_else() -> None:
    withdrawn = message({"id": "ann", "user": "ann"}, key="ann", headers={WITHDRAWN: b""})
    with closing(open_documents("sqlite:")) as documents:
        documents.upsert("alerts", [{"id": "ann", "user": "ann", "label": "risk"}])
        documents.upsert("sentences_alerts", [{"id": "ann", "user": "ann"}])

        AlertStorer(documents, "sentences_alerts", "user", merges=True).consume_many([withdrawn])

        assert [documents.count(each) for each in ("alerts", "sentences_alerts")] == [1, 0]


def test_an_alert_stays_once_its_hour_is_over() -> None:
    posts = pictures(list(enumerate([(0.3, 0), (0.5, 0), (-0.9, 1)])))

    found = list(AlertManager(MemoryState()).transform_many(posts))

    assert [each.value["posts_since"] for each in found] == [0, 1]
    assert not any(WITHDRAWN in each.headers for each in found)
    assert [each.value["peak_probability"] for each in found] == [0.7, 0.7]


def test_too_few_posts_open_no_alert_and_make_nobody_highly_at_risk() -> None:
    few, enough = pictures(list(enumerate([(1.0, 0), (0.9, 1)])))
    gone = message({**few.value, "created_utc": 9 * HOUR_S, "probability": 0.99}, key="ann")
    manager = AlertManager(MemoryState())

    assert list(manager.transform_many([few])) == []
    opened, followed = manager.transform_many([enough, gone])
    assert (opened.value["opened_after"], opened.value["band"]) == (2, "very high")
    assert (followed.value["probability"], followed.value["band"]) == (0.99, "raised")


def test_an_option_asks_for_other_numbers_of_posts_than_the_models() -> None:
    posts = pictures(list(enumerate([(1.0, 0), (0.9, 1)])))

    assert len(list(AlertManager(MemoryState(), min_posts=1).transform_many(posts))) == 2
    with pytest.raises(ConfigError, match="'min_posts' of AlertManager is 0"):
        AlertManager(MemoryState(), min_posts=0)
