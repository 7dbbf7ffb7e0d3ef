"""What can be asked of running instances on the control channel, and what they answer: plain, typed data."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

# A request counts only where it was written so soon after it was made: not one that somebody writes again.
WRITTEN_WITHIN_S = 30.0
# Nobody forgets for longer what was asked for.
LONGEST_S = 86_400.0
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Pause(msgspec.Struct, frozen=True, tag="pause"):
    """Stand still after the batch in hand, for so many seconds at most."""

    for_s: float


class Resume(msgspec.Struct, frozen=True, tag="resume"):
    """Go on."""


class LogLevel(msgspec.Struct, frozen=True, tag="level"):
    """Log from this level on, for so many seconds; 0 ends that."""

    level: Level
    for_s: float


class Stack(msgspec.Struct, frozen=True, tag="stack"):
    """Say at which lines of code its threads are."""


class Figures(msgspec.Struct, frozen=True, tag="figures"):
    """Say what it has counted."""


class Pin(msgspec.Struct, frozen=True, tag="pin"):
    """Of a `catenae up`: keep as many instances of the node as there are, whatever an autoscaler wants."""


class Scale(msgspec.Struct, frozen=True, tag="scale"):
    """Of a `catenae up`: run so many instances of the node. None leaves it to an autoscaler again."""

    replicas: int | None


Act = Pause | Resume | LogLevel | Stack | Figures | Pin | Scale
# What is asked of a `catenae up`, and of no instance.
OF_SUPERVISOR = (Pin, Scale)
# What lasts: it counts for those, too, that are started later.
LASTING = (Pause, Resume, LogLevel)


class Request(msgspec.Struct, frozen=True):
    """What is asked of whom.

    id        of this request alone
    at_ms     when it was made
    node      of which node; "" for all
    instance  of which instance of it; "" for all that are asked
    """

    id: str
    at_ms: int
    act: Act
    node: str = ""
    instance: str = ""

    @property
    def asks(self) -> str:
        """What it asks, in one word."""
        return str(self.act.__struct_config__.tag)


class Answer(msgspec.Struct, frozen=True):
    """What an instance says to a request.

    is_done  whether it has done what was asked
    effect   what is so now, or why not, in a few words
    figures  numbers that were asked for, by name
    lines    lines that were asked for
    """

    request: str
    node: str
    instance: str
    is_done: bool
    effect: str
    figures: Mapping[str, Any] = {}
    lines: tuple[str, ...] = ()
