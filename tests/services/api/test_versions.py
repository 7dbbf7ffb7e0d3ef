"""What the page says of the models: of what they find signs, and their card."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from services.api.versions import versions
from services.classifiers.kinds.encoder import KIND
from services.classifiers.manifest import files_of
from services.depression.model.artefact import Model, save_model
from services.depression.model.certainty import Certainty
from services.models.folder import save_files
from tests.unit.classifiers.conftest import SAID

MODEL = Model(("i", "bet"), np.array([1.0, 1.5]), np.array([0.0, 2.0]), -1.0, 0.4, {"users": 40, "terms": 2})


def test_each_model_says_what_it_is_about_and_has_a_card(tmp_path: Path) -> None:
    about_bets = replace(MODEL, about="gambling", certainty=Certainty(prior=9, min_posts=4))
    save_model(MODEL, tmp_path / "model")
    save_model(about_bets, tmp_path / "models" / "bets")

    current, other = versions(tmp_path / "model").models

    assert (current.about, other.about) == ("depression", "gambling")
    assert f"# Model {about_bets.version}: signs of gambling" in other.card
    assert "An alert from p = 0.4 on, after 4 posts or more" in other.card
    assert "Evidence prior 9" in other.card


def test_the_card_of_a_classifier_of_posts_is_that_of_its_kind(tmp_path: Path) -> None:
    save_files(files_of(SAID, KIND, {}), tmp_path / "model")

    (found,) = versions(tmp_path / "model").models

    assert "posts that show signs of depression" in found.card
    assert "Preprocessing: mentions, case, spaces" in found.card
