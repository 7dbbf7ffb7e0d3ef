"""A head on the points of thumbnails: what a model of kind "image" learns; its network stays as it is."""

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
class Illustrated:
    """Labelled posts that have a thumbnail, the thumbnails of each, and how many posts have none."""

    labelled: Labelled
    thumbnails: Sequence[Sequence[bytes]]
    without: int


def illustrated(labelled: Labelled, folder: Path, progress: Progress) -> Illustrated:
    """Decode the images of posts, which are files in a folder, as a node does."""
    images = FolderImages(folder)
    kept: list[LabelledPost] = []
    thumbnails: list[list[bytes]] = []
    with closing(Decoder()) as decoder:
        for number, post in enumerate(labelled.posts, start=1):
            found = [each for name in post.images if (each := _thumbnail(images, decoder, name))]
            if found:
                kept.append(post)
                thumbnails.append(found)
            progress(number, len(labelled.posts))
    return Illustrated(replace(labelled, posts=tuple(kept)), thumbnails, len(labelled.posts) - len(kept))


def _thumbnail(images: FolderImages, decoder: Decoder, name: str) -> bytes:
    try:
        return decoder.thumbnail(images.read(name))
    except NoImage:
        return b""


def points_of(network: Network, thumbnails: Sequence[Sequence[bytes]], progress: Progress) -> Floats:
    """Return the mean point of each post's thumbnails: (posts, dimensions)."""
    found = np.zeros((len(thumbnails), network.dimensions))
    for number, those in enumerate(thumbnails):
        found[number] = network.points(those).mean(axis=0)
        progress(number + 1, len(thumbnails))
    return found


def train_images(
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
