"""How well a model of thumbnails does on drawings that it was not trained on: emoji of sets, one left out.

    npm pack @iconify-json/noto @iconify-json/fluent-emoji-flat @iconify-json/openmoji emojibase-data
    pip install resvg-py
    python -m benchmarks.emoji_images FOLDER

FOLDER holds the four packages as they came. Faces are labelled by the subgroups of Unicode, which nobody
here has put together: those that are concerned, negative, unwell, sleepy, neutral or sceptical are looked for
among all faces. Two sets are trained on, the third is judged, each in turn; beside the network of the model
its head is fitted to the pixels themselves, 16 × 16 of them.
"""

import argparse
import json
import platform
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py

from services.classifiers.images.efficientnet import network_onnx, weights
from services.classifiers.images.training import points_of
from services.classifiers.kinds.image import OnnxNetwork, pixels_of
from services.classifiers.labelled import Labelled, LabelledPost
from services.classifiers.measures import MEASURES, measured
from services.classifiers.training import HeadRecipe, fitted_head, probabilities
from services.images.decode import SIDE, thumbnail
from services.models.arrays import Floats

SETS = ("noto", "fluent-emoji-flat", "openmoji")
LOOKED_FOR = frozenset(
    f"face-{each}" for each in ("concerned", "negative", "unwell", "sleepy", "neutral-skeptical")
)
COARSE = 16

# Thumbnails by the code points of what they show.
Drawings = Mapping[str, bytes]


def file_of(folder: Path, package: str, name: str) -> Any:
    """Return the JSON of a file of a package."""
    (archive,) = folder.glob(f"*{package}-[0-9]*.tgz")
    with tarfile.open(archive) as opened:
        found = opened.extractfile(f"package/{name}")
        return json.load(found) if found else {}


def faces(folder: Path) -> dict[str, str]:
    """Return the subgroup of each face, by its code points."""
    named = file_of(folder, "emojibase-data", "meta/groups.json")["subgroups"]
    found = {
        plain(each["hexcode"]): named[str(each["subgroup"])]
        for each in file_of(folder, "emojibase-data", "en/data.json")
        if "subgroup" in each
    }
    return {code: subgroup for code, subgroup in found.items() if subgroup.startswith("face-")}


def drawings(folder: Path, of: str, wanted: Mapping[str, str]) -> Drawings:
    """Return the thumbnails of a set, of what is wanted."""
    icons = file_of(folder, of, "icons.json")
    found = {}
    for code, name in file_of(folder, of, "chars.json").items():
        if plain(code) in wanted and name in icons["icons"]:
            icon = icons["icons"][name]
            width, height = (icon.get(side, icons.get(side, 16)) for side in ("width", "height"))
            box = f'viewBox="0 0 {width} {height}" width="{SIDE}" height="{SIDE}"'
            svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{icon["body"]}</svg>'
            found[plain(code)] = thumbnail(bytes(resvg_py.svg_to_bytes(svg_string=svg)))
    return found


def plain(code: str) -> str:
    """Return code points without the one that asks for colours."""
    return code.lower().replace("-fe0f", "")


def coarse(thumbnails: Drawings) -> Floats:
    """Return the pixels of thumbnails, COARSE a side: (thumbnails, numbers)."""
    each = SIDE // COARSE
    pixels = pixels_of(list(thumbnails.values())).reshape(-1, COARSE, each, COARSE, each, 3)
    found: Floats = pixels.mean((2, 4)).reshape(len(thumbnails), -1) / 255
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    labels = faces(folder)
    sets = {name: drawings(folder, name, labels) for name in SETS}
    network = OnnxNetwork(network_onnx(weights()), threads=1)
    by = {
        "network": {
            name: points_of(network, [[each] for each in thumbnails.values()], lambda *_: None)
            for name, thumbnails in sets.items()
        },
        "pixels": {name: coarse(thumbnails) for name, thumbnails in sets.items()},
    }
    truth = {
        name: np.array([labels[code] in LOOKED_FOR for code in thumbnails])
        for name, thumbnails in sets.items()
    }
    found = {
        way: {held: judged(points, truth, {n: list(sets[n]) for n in SETS}, held) for held in SETS}
        for way, points in by.items()
    }
    means = {
        way: {name: round(float(np.mean([each[name] for each in those.values()])), 4) for name in MEASURES}
        for way, those in found.items()
    }
    print(
        json.dumps(
            {"machine": platform.machine(), "faces": len(labels), "mean": means, "by_set": found}, indent=2
        )
    )


def judged(
    points: Mapping[str, Floats], truth: Mapping[str, Any], codes: Mapping[str, list[str]], held: str
) -> dict[str, float]:
    """Return the measures of a set by a head that is fitted to the others; an emoji is in one fold."""
    others = [name for name in SETS if name != held]
    posts = [
        LabelledPost(code, bool(label), code, (name,))
        for name in others
        for code, label in zip(codes[name], truth[name], strict=True)
    ]
    head, report = fitted_head(
        Labelled(tuple(posts), 0, 0),
        np.concatenate([points[name] for name in others]),
        HeadRecipe("", folds=5),
    )
    said = probabilities(points[held] @ head.weights + head.bias, head.line) >= report.threshold
    found = measured(truth[held], said)
    return {name: round(getattr(found, name), 4) for name in MEASURES}


if __name__ == "__main__":
    main()
