"""Another version of the model while stages run: each post by the version that it names, none set aside."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from catenae import open_store
from catenae.testing import FakeClock
from services.cli.model_commands import use_command
from services.depression.evaluate import probabilities
from services.depression.model.artefact import Model, load_model, model_of, save_model
from services.forgetting.request import request
from services.models.folder import read_folder
from services.models.in_use import LOOK_EVERY_S, Models
from services.models.shelf import ModelShelf
from tests.services.conftest import Stages

Posts = Sequence[dict[str, Any]]


@pytest.fixture
def second() -> Model:
    """Return a version that numbers other words."""
    return Model(("sad", "so"), np.array([1.2, 1.7]), np.array([1.5, -0.5]), bias=0.5, threshold=0.4)


@pytest.fixture
def switched(stages: Stages, model_folder: Path, second: Model, tmp_path: Path) -> Iterator[Stages]:
    """Return vectoriser and stages of the second version, started after the switch."""
    save_model(second, tmp_path / "second")
    use_command(tmp_path / "second", model=model_folder)
    started = Stages(model_folder)
    yield started
    started.documents.close()


@contextmanager
def open_shelf_in(folder: Path) -> Iterator[tuple[ModelShelf, str]]:
    url = f"embedded:{folder / 'store'}"
    with closing(open_store(url)) as store:
        yield ModelShelf(store), url


def users(messages: Any) -> list[tuple[str, float]]:
    return [(each.value["model"], each.value["probability"]) for each in messages if each.port == "users"]


@pytest.mark.parametrize("by", ["old stages", "new stages"])
def test_stages_of_either_version_take_what_both_have_counted(
    stages: Stages, switched: Stages, posts: Posts, model: Model, second: Model, by: str
) -> None:
    counted = [*stages.counts(posts[0]), *switched.counts(posts[1])]
    counted += [*stages.counts(posts[2]), *switched.counts(posts[2])]
    several = stages if by == "old stages" else switched

    found = several.follow(counted)

    first = probabilities(model, [posts[0]["body"], posts[2]["body"]])
    later = probabilities(second, [posts[1]["body"], posts[2]["body"]])
    names = [model.version, second.version] * 2
    assert [name for name, _ in users(found)] == names
    expected = [first[0], later[0], first[1], later[1]]
    assert [each for _, each in users(found)] == pytest.approx(expected, abs=1e-12)


def test_a_post_that_is_taken_away_is_taken_from_the_picture_it_was_counted_into(
    switched: Stages, posts: Posts, model: Model, second: Model
) -> None:
    switched.documents.upsert("probabilities", [{"id": posts[0]["id"], "model": model.version}])

    counted = switched.counts(*({**post, "removed": True} for post in posts[:2]))

    assert [each.value["model"] for each in counted] == [model.version, second.version]


def test_a_post_counted_by_a_version_that_is_nowhere_is_set_aside_when_it_is_taken_away(
    switched: Stages, posts: Posts
) -> None:
    switched.documents.upsert("probabilities", [{"id": posts[0]["id"], "model": "0123456789ab"}])

    (rejected,) = switched.counts({**posts[0], "removed": True})

    assert rejected.rejected == "model not found"


def test_a_former_version_says_of_a_text_but_of_its_user_no_more(
    stages: Stages, switched: Stages, posts: Posts, model: Model, second: Model
) -> None:
    before, after = stages.counts(posts[0], posts[1]), switched.counts(posts[2])
    removed = stages.counts({**posts[1], "removed": True})

    found = switched.follow([*before, *removed, *after, *removed])

    of_users = [model.version] * 3 + [second.version]
    assert [name for name, _ in users(found)] == of_users
    texts = [each.value["model"] for each in found if each.port == "texts"]
    assert texts == [*of_users, model.version]


def test_a_version_that_is_switched_back_to_goes_on_with_its_picture(
    stages: Stages, switched: Stages, posts: Posts, model: Model, second: Model
) -> None:
    found = switched.follow([*stages.counts(posts[0]), *switched.counts(posts[1]), *stages.counts(posts[2])])

    assert [name for name, _ in users(found)] == [model.version, second.version, model.version]
    expected = probabilities(model, [posts[0]["body"], posts[2]["body"]])[1]
    assert users(found)[2][1] == pytest.approx(expected, abs=1e-12)


def test_a_model_named_in_a_store_is_switched_by_a_push(
    model_folder: Path, model: Model, second: Model, tmp_path: Path
) -> None:
    save_model(second, tmp_path / "second")
    clock = FakeClock()
    with open_shelf_in(tmp_path) as (shelf, url):
        shelf.push(read_folder(model_folder), "depression")
        models, pinned = (
            Models(f"{url}#depression{at}", model_of, clock.monotonic_s) for at in ("", f"@{model.version}")
        )
        with closing(models), closing(pinned):
            models.open()
            pinned.open()
            shelf.push(read_folder(tmp_path / "second"), "depression")
            assert models.current().version == model.version

            clock.advance(LOOK_EVERY_S)

            assert [models.current().version, pinned.current().version] == [second.version, model.version]
            assert models.all().keys() == {model.version, second.version}


def test_a_push_that_is_damaged_leaves_the_model_in_use(
    model_folder: Path, stages: Stages, model: Model
) -> None:
    clock = FakeClock()
    models = Models(str(model_folder), model_of, clock.monotonic_s)
    models.open()
    manifest = model_folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace(model.version, "0123456789ab"))

    clock.advance(LOOK_EVERY_S)

    assert models.current().version == model.version


def test_a_request_to_forget_names_every_version_that_is_there(
    switched: Stages, model: Model, second: Model
) -> None:
    (asked,) = switched.vectoriser.forget(request("ann"))

    assert asked.value["models"] == {second.version: 2, model.version: 3}


def test_a_running_node_takes_the_version_in_use_soon(
    model_folder: Path, stages: Stages, model: Model, second: Model, request: pytest.FixtureRequest
) -> None:
    clock = FakeClock()
    models = Models(str(model_folder), model_of, clock.monotonic_s)
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
