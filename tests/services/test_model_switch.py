"""Another version of the model while stages run: each post by the version that it names, none set aside."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenae.testing import FakeClock
from services.depression.evaluate import probabilities
from services.depression.model.artefact import Model, load_model, save_model
from services.depression.model_commands import use_command
from services.depression.models import LOOK_EVERY_S, Models
from services.forgetting.request import request
from tests.services.conftest import Stages, run

Posts = Sequence[dict[str, Any]]


@pytest.fixture
def second() -> Model:
    """Return a version that numbers other words."""
    return Model(("sad", "so"), np.array([1.2, 1.7]), np.array([1.5, -0.5]), bias=0.5, threshold=0.4)


@pytest.fixture
def switched(stages: Stages, model_folder: Path, second: Model, tmp_path: Path) -> Stages:
    """Return vectoriser and stages of the second version, started after the switch."""
    save_model(second, tmp_path / "second")
    use_command(tmp_path / "second", model=model_folder)
    return Stages(model_folder)


def users(messages: Any) -> list[tuple[str, float]]:
    return [(each.value["model"], each.value["probability"]) for each in messages if each.port == "users"]


@pytest.mark.parametrize("by", ["old stages", "new stages"])
def test_stages_of_either_version_take_what_both_have_counted(
    stages: Stages, switched: Stages, posts: Posts, model: Model, second: Model, by: str
) -> None:
    counted = [*stages.counts(posts[0]), *switched.counts(posts[1])]
    counted += [*stages.counts(posts[2]), *switched.counts(posts[2])]
    several = stages if by == "old stages" else switched
    changes = run(several.aggregator, counted)

    found = run(several.predictor, run(several.transformer, changes))

    first = probabilities(model, [posts[0]["body"], posts[2]["body"]])
    later = probabilities(second, [posts[1]["body"], posts[2]["body"]])
    names = [model.version, second.version] * 2
    assert [name for name, _ in users(found)] == names
    expected = [first[0], later[0], first[1], later[1]]
    assert [each for _, each in users(found)] == pytest.approx(expected, abs=1e-12)


def test_a_request_to_forget_names_every_version_that_is_there(
    switched: Stages, model: Model, second: Model
) -> None:
    (asked,) = switched.counts(request("ann"))

    assert asked.value["models"] == {second.version: 2, model.version: 3}


def test_a_running_node_takes_the_version_in_use_soon(
    model_folder: Path, stages: Stages, model: Model, second: Model, request: pytest.FixtureRequest
) -> None:
    clock = FakeClock()
    models = Models(str(model_folder), clock.monotonic_s)
    models.open()
    request.getfixturevalue("switched")

    assert models.current().version == model.version
    clock.advance(LOOK_EVERY_S)
    assert models.current().version == second.version
    assert models.of(model.version) is not None


def test_the_former_version_is_kept_beside(
    switched: Stages, model_folder: Path, model: Model, second: Model
) -> None:
    kept = Path(f"{model_folder}s")

    assert load_model(model_folder).version == second.version
    assert {each.name for each in kept.iterdir()} == {model.version, second.version}
    assert load_model(kept / model.version).version == model.version
