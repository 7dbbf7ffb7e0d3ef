"""Versions: of the code, and of the models that lie side by side."""

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from services.api.operator_answers import ModelAnswer, Versions
from services.classifiers.card import card_of
from services.depression.model.about import ABOUT

MANIFEST = "manifest.json"
NOTE = (
    "Each probability and alert names the version that gave it. Switching the version replays nothing: a "
    "user's picture is the new version's from the user's next post on."
)


def versions(model: Path) -> Versions:
    """Return what there is.

    model  the folder of the model in use; other versions lie beside it, in the folder `<model>s`
    """
    current = _manifest(model)
    others = sorted(Path(f"{model}s").glob(f"*/{MANIFEST}"))
    found = {each["version"]: each for each in map(_manifest, (path.parent for path in others)) if each}
    if current:
        found[current["version"]] = current
    shown = [_answer(each, is_current=each is current) for each in found.values()]
    return Versions(code=_code(), models=sorted(shown, key=lambda each: not each.is_current), note=NOTE)


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and "version" in found else {}


def _answer(manifest: Mapping[str, Any], *, is_current: bool) -> ModelAnswer:
    training = manifest.get("training", {})
    return ModelAnswer(
        version=manifest["version"],
        about=manifest.get("about", ABOUT),
        card=card_of(manifest),
        is_current=is_current,
        users=training.get("users"),
        terms=training.get("terms"),
        threshold=manifest["threshold"],
        f1=training.get("best", {}).get("f1"),
    )


def _code() -> str:
    try:
        return version("catenae")
    except PackageNotFoundError:
        return "unknown"
