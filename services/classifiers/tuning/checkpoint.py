"""What a training has come to after an epoch, in one file, so that it goes on where it was stopped."""

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from catenae import ConfigError


class Checkpoint:
    """A file beside a model to be, in whose name is what is trained: a training of anything else is another.

    of  whatever the numbers to come depend on, as JSON and arrays' bytes
    """

    def __init__(self, model: Path, of: Sequence[bytes]) -> None:
        sums = b"".join(hashlib.sha256(each).digest() for each in of)
        name = f"{model.name}.tuning-{hashlib.sha256(sums).hexdigest()[:12]}"
        self.path = model.parent / name

    def save(self, tree: Any, told: Mapping[str, Any]) -> None:
        """Write the numbers and what is told of them: all or, killed at any moment, what was there before."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        leaves = {f"{number}": np.asarray(leaf) for number, leaf in enumerate(jax.tree.leaves(tree))}
        words = np.frombuffer(json.dumps(told).encode(), np.uint8)
        with tempfile.NamedTemporaryFile(dir=self.path.parent, prefix=".tuning-", delete=False) as file:
            try:
                # A name of an array is no option.
                np.savez(file, **leaves, told=words)  # type: ignore[arg-type]
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).rename(self.path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def load(self, like: Any) -> tuple[Any, dict[str, Any]] | None:
        """Return the numbers, in a tree like this one, and what was told; None where nothing is saved.

        Raises ConfigError for a file that is damaged.
        """
        leaves, tree = jax.tree.flatten(like)
        try:
            with np.load(self.path, allow_pickle=False) as file:
                found = [file[f"{number}"] for number in range(len(leaves))]
                told = json.loads(file["told"].tobytes())
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            raise ConfigError(f"{self.path}: no checkpoint ({error}). Remove it to start anew") from error
        return jax.tree.unflatten(tree, found), told

    def remove(self) -> None:
        """Forget all that is saved."""
        self.path.unlink(missing_ok=True)
