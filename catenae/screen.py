"""Tables and bars for people, drawn by rich. Apart from all else, because rich takes 40 ms and 8 MB."""

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from catenae.terminal import drawing, harmless


class Screen(Console):
    """A standard stream to draw on, on which a text is a text: nothing in it is markup, or obeyed."""

    def __init__(self, *, on_stderr: bool = False, **options: Any) -> None:
        options = {"file": drawing(sys.stderr if on_stderr else sys.stdout)} | options
        super().__init__(**options, markup=False, emoji=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return what is to be laid out: harmless by then, as escapes take room."""
        return super().render_str(harmless(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield what is to be drawn; also a `Text`, which did not pass as a str, is harmless."""
        for each in super().render(renderable, options):
            yield each if each.control else Segment(harmless(each.text), each.style)
