"""Until when what a session has staged holds: its next commit, a rewind, or other partitions."""

from catenae.errors import Fenced

NO_GENERATION = -1


class Staging:
    """Whether something is staged, and under which generation."""

    def __init__(self) -> None:
        self._generation: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is staged."""
        return self._generation is not None

    def open(self, generation: int) -> None:
        """Note that something is staged. Raises as `require`."""
        self.require(generation)
        self._generation = generation

    def require(self, generation: int) -> None:
        """Raise `Fenced` if something was staged under another generation, and so is forgotten."""
        if self._generation not in (None, generation):
            raise Fenced("partitions have changed hands since outputs were staged; rewind and begin anew")

    def lose(self) -> None:
        """Note that what is staged, if anything, is forgotten: `require` raises until the end."""
        if self.is_open:
            self._generation = NO_GENERATION

    def end(self) -> None:
        """Note that nothing is staged any longer."""
        self._generation = None
