from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from catenae.clock import Clock
from catenae.errors import ConfigError, TopologyError
from catenae.microservice import Leaf, Microservice, Middle, Source
from catenae.running.injection import (
    build,
    kind_of,
    needs_documents,
    needs_store,
    option_mistakes,
    options_from_text,
    parameters,
    state_parameters,
)
from catenae.running.work import placed
from catenae.store import Documents, State, Store
from catenae.testing import FakeClock
from catenae.timers import Timers


class Everything(Middle):
    def __init__(
        self,
        seen: State[str],
        counts: State[int],
        store: Store,
        documents: Documents | None = None,
        *,
        model: Path,
        keep: Sequence[str] = (),
        threshold: float = 0.5,
    ) -> None:
        self.given = (seen, counts, store, documents, model, keep, threshold)


class Plain(Leaf):
    pass


class Reminder(Middle):
    def __init__(self, timers: Timers) -> None:
        self.timers = timers


def test_collaborators_are_told_from_options() -> None:
    assert {each.name: each.role for each in parameters(Everything)} == {
        "seen": "state",
        "counts": "state",
        "store": "store",
        "documents": "documents",
        "model": "option",
        "keep": "option",
        "threshold": "option",
    }
    assert state_parameters(Everything) == ["seen", "counts"]
    assert parameters(Plain) == ()


def test_a_service_is_built_with_what_it_asks_for() -> None:
    seen: Any = object()
    counts: Any = object()
    store: Any = object()

    service = build(
        Everything, {"model": "m", "keep": ["a"]}, {"seen": seen, "counts": counts, "store": store}
    )

    assert isinstance(service, Everything)
    assert service.given == (seen, counts, store, None, Path("m"), ("a",), 0.5)


def test_a_service_without_its_state_is_not_built() -> None:
    with pytest.raises(TopologyError, match="cannot build Everything: it needs state for 'seen'"):
        build(Everything, {"model": "m"}, {})


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, "lacks option 'model', which Everything needs (a path)"),
        ({"model": "m", "treshold": 1}, "does not take; did you mean 'threshold'"),
        ({"model": "m", "threshold": "high"}, "has option 'threshold' = 'high'; Everything takes a number"),
        ({"model": "m", "seen": {}}, "gets its state from the runtime"),
    ],
)
def test_options_that_do_not_fit_are_told(options: dict[str, Any], found: str) -> None:
    (mistake,) = option_mistakes(Everything, options)

    assert found in mistake


def test_options_given_as_text_become_what_the_constructor_takes() -> None:
    assert options_from_text(Everything, {"threshold": "0.9", "keep": "a,b"}) == {
        "threshold": 0.9,
        "keep": ("a", "b"),
    }


@pytest.mark.parametrize(
    ("texts", "found"),
    [({"treshold": "1"}, "did you mean 'threshold'"), ({"threshold": "high"}, "it takes a number")],
)
def test_an_option_text_that_cannot_be_used_is_refused(texts: dict[str, str], found: str) -> None:
    with pytest.raises(ConfigError, match=found):
        options_from_text(Everything, texts)


def test_a_service_is_of_exactly_one_kind() -> None:
    class Both(Source, Leaf):
        pass

    assert kind_of(Plain) == "leaf"
    with pytest.raises(TopologyError, match="but is source and leaf"):
        kind_of(Both)
    with pytest.raises(TopologyError, match="but is none of them"):
        kind_of(Microservice)


def test_an_option_may_name_a_place_in_the_data_folder() -> None:
    options = {"file": Path("{data}/key"), "text": "{data}/key", "number": 3}

    assert placed(options, Path("/srv")) == {"file": Path("/srv/key"), "text": "/srv/key", "number": 3}


class Punctual(Middle):
    def __init__(self, clock: Clock, hour: int = 8) -> None:
        self.given = (clock, hour)


def test_a_clock_is_given_and_no_option() -> None:
    clock = FakeClock()

    assert {each.name: each.role for each in parameters(Punctual)} == {"clock": "clock", "hour": "option"}
    service = build(Punctual, {"hour": 9}, {"clock": clock})
    assert vars(service)["given"] == (clock, 9)
    assert list(option_mistakes(Punctual, {"clock": 1})) == [
        "has option 'clock', but Punctual gets its clock from the runtime; remove it"
    ]


def test_timers_alone_need_the_store_that_outlives_the_process() -> None:
    assert needs_store(Reminder)
    assert needs_store(Everything)
    assert not needs_store(Plain)


def test_documents_are_needed_by_who_asks_for_them() -> None:
    assert needs_documents(Everything)
    assert not needs_documents(Reminder)
