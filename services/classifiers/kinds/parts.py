"""Models within a model: the files of each with the name of the part, and a full stop, in front."""

from collections.abc import Mapping

from services.models.folder import ModelFiles, read_files


def part_of(files: ModelFiles, part: str) -> ModelFiles:
    """Return the files of a part, checked by its own manifest."""
    return read_files(
        lambda name, most: files.content(f"{part}.{name}")[: most + 1], files.place / f"{part}.*"
    )


def parts_named(parts: Mapping[str, ModelFiles]) -> dict[str, bytes]:
    """Return the files of parts as the model that is made of them keeps them."""
    return {
        f"{part}.{name}": content for part, files in parts.items() for name, content in files.contents.items()
    }
