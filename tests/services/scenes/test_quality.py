"""What texts, images and both tell of generated posts that nobody has learned from."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from services.classifiers.classifier import Post
from services.classifiers.images.efficientnet import PACKAGE
from services.classifiers.kinds import load_classifier
from services.images.decoder import Decoder
from services.scenes.demo import REACHABLE, painted
from services.scenes.run import train

pytestmark = pytest.mark.long


def test_both_tell_more_than_either_and_nothing_tells_more_than_can_be_known(tmp_path: Path) -> None:
    if PACKAGE.missing():
        pytest.skip("the extra train-images is not installed")
    train(tmp_path, users=20, posts=600)
    posts = painted(users=20, posts=1000, seed=9)
    with closing(Decoder()) as decoder:
        asked = [Post(each.text, images=[decoder.thumbnail(each.image)]) for each in posts]
    truth = np.array([each.is_positive for each in posts])

    def accuracy(name: str) -> float:
        model = load_classifier(tmp_path / name)
        said = np.array([each.probability >= model.threshold for each in model.classify(asked)])
        return float((said == truth).mean())

    text, image, both = map(accuracy, ("text", "image", "model"))
    assert text >= 0.7
    assert image >= 0.8
    assert max(text, image) + 0.03 <= both <= REACHABLE
