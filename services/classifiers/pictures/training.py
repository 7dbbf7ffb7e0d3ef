"""A head on the points of pictures: what a model of kind "image" learns; its network stays as it is."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from services.classifiers.kinds.image import HEAD, IMAGE, NETWORK, ImageSaid, Network
from services.classifiers.labelled import Labelled, LabelledPost
from services.classifiers.manifest import Origin, files_of
from services.classifiers.training import HeadRecipe, HeadReport, fitted_head, said_of
from services.depression.progress import Progress
from services.images.decoder import Decoder
from services.images.folder import FolderImages
from services.images.images import NoImage
from services.models.arrays import Floats, npy_of


@dataclass(frozen=True, slots=True)
class Pictured:
    """Labelled posts that have a picture, the pictures of each, and how many posts have none."""

    labelled: Labelled
    pictures: Sequence[Sequence[bytes]]
    without: int


def pictured(labelled: Labelled, folder: Path, progress: Progress) -> Pictured:
    """Decode the images of posts, which are files in a folder, as a node does."""
    images = FolderImages(folder)
    kept: list[LabelledPost] = []
    pictures: list[list[bytes]] = []
    with closing(Decoder()) as decoder:
        for number, post in enumerate(labelled.posts, start=1):
            found = [each for name in post.images if (each := _picture(images, decoder, name))]
            if found:
                kept.append(post)
                pictures.append(found)
            progress(number, len(labelled.posts))
    return Pictured(replace(labelled, posts=tuple(kept)), pictures, len(labelled.posts) - len(kept))


def _picture(images: FolderImages, decoder: Decoder, name: str) -> bytes:
    try:
        return decoder.picture(images.read(name))
    except NoImage:
        return b""


def points_of(network: Network, pictures: Sequence[Sequence[bytes]], progress: Progress) -> Floats:
    """Return the mean point of each post's pictures: (posts, dimensions)."""
    found = np.zeros((len(pictures), network.dimensions))
    for number, those in enumerate(pictures):
        found[number] = network.points(those).mean(axis=0)
        progress(number + 1, len(pictures))
    return found


def train_pictures(
    labelled: Labelled, found: Floats, network: tuple[Origin, bytes], recipe: HeadRecipe
) -> tuple[dict[str, bytes], HeadReport]:
    """Return the files of a model fitted to points (posts, dimensions), and what it is like.

    network  where it comes from, and its graph, which the model brings along

    Raises TrainingError when a class has fewer posts than there are folds.
    """
    origin, graph = network
    head, report = fitted_head(labelled, found, replace(recipe, preprocessing=()))
    said = ImageSaid(**said_of(report, recipe), network=origin, bias=head.bias, calibration=head.line)
    return files_of(said, IMAGE, {NETWORK: graph, HEAD: npy_of(head.weights)}), report
