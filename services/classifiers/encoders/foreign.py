"""Weights that others have trained, in packages that others keep: which, of what licence, and unchanged.

They are never copied into this project. A model names the package, its version and a checksum of all that is
in it, code included, and is refused where another one is installed.
"""

import hashlib
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, PackagePath, distribution
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Foreign:
    """A package of weights. `licence` is what its own files say; `sha256` as `checksum` gives it."""

    package: str
    version: str
    licence: str
    sha256: str

    def missing(self) -> str:
        """Say what is wrong with what is installed, and what to do; empty where it is this very package."""
        install = f"Install it: pip install --no-deps {self.package}=={self.version}"
        try:
            found = distribution(self.package)
        except PackageNotFoundError:
            return f"package {self.package} {self.version} is not installed. {install}"
        if found.version != self.version:
            return f"package {self.package} {found.version} is installed, not {self.version}. {install}"
        if checksum(found) != self.sha256:
            return f"package {self.package} {self.version} is not what the model was trained with. {install}"
        return ""

    def file(self, name: str) -> Path:
        """Return where a file of the installed package is."""
        return Path(str(distribution(self.package).locate_file(name)))


def checksum(package: Distribution) -> str:
    """Return the SHA-256 of the names and checksums of all files of a package, whatever machine it is on."""
    whole = hashlib.sha256()
    for file in sorted(package.files or (), key=str):
        if not _made_here(file):
            content = Path(str(package.locate_file(file))).read_bytes()
            whole.update(f"{file}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return whole.hexdigest()


def _made_here(file: PackagePath) -> bool:
    """Say whether a file was made when its package was installed, on each machine anew.

    Scripts lie outside the folder of packages, and so does bytecode where it has a place of its own.
    """
    outside = file.parts[0] == ".."
    return outside or any(part == "__pycache__" or part.endswith(".dist-info") for part in file.parts)
