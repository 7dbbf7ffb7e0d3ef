"""Values that fit an annotation: int, float, bool, str, Path, Secret, Literal, collections of these, or None.

Settings come as text, options as text or as Python values; what both accept is decided here. Any other
annotation is the author's own business: every value fits it.
"""

import collections.abc
import math
import types
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from catenae.secret import Secret

_TRUTHS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def _finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError("not finite")
    return float(text)


_PARSERS: Mapping[Any, Callable[[str], Any]] = {
    bool: lambda text: _TRUTHS[text.lower()],
    int: int,
    float: _finite,
    Path: Path,
    Secret: Secret,
    types.NoneType: lambda text: {"": None, "none": None}[text.lower()],
}

_DESCRIPTIONS: Mapping[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    Secret: "a secret",
    types.NoneType: "nothing",
}

_COLLECTIONS: Mapping[Any, Callable[[Iterable[Any]], Any]] = {
    list: list,
    set: set,
    frozenset: frozenset,
    tuple: tuple,
    collections.abc.Sequence: tuple,
    collections.abc.Collection: tuple,
    collections.abc.Iterable: tuple,
    collections.abc.Set: frozenset,
}


def describe(wanted: Any) -> str:
    """Say in words what an annotation accepts."""
    if get_origin(wanted) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(wanted))
    if _is_union(wanted):
        return " or ".join(describe(alternative) for alternative in get_args(wanted))
    if _is_collection(wanted):
        return f"several, each {describe(_item(wanted))}"
    return _DESCRIPTIONS.get(wanted, getattr(wanted, "__name__", str(wanted)))


def fit(value: Any, wanted: Any) -> Any:
    """Return a Python value as `wanted` has it: text becomes a Path, a list becomes the collection asked for.

    Raises ValueError, without the value in its text, if it does not fit.
    """
    if _is_union(wanted):
        return _first(fit, value, wanted)
    if get_origin(wanted) is Literal:
        fits = any(value == choice and type(value) is type(choice) for choice in get_args(wanted))
    elif _is_collection(wanted):
        if not isinstance(value, str | bytes | Mapping) and isinstance(value, Iterable):
            return _COLLECTIONS[get_origin(wanted)](fit(item, _item(wanted)) for item in value)
        fits = False
    elif wanted is Path:
        if isinstance(value, str | Path):
            return Path(value)
        fits = False
    elif wanted in (int, float):
        fits = isinstance(value, int if wanted is int else int | float) and not isinstance(value, bool)
    else:
        fits = wanted not in _DESCRIPTIONS or isinstance(value, wanted)
    if not fits:
        raise ValueError(f"not {describe(wanted)}")
    return value


def parse(text: str, wanted: Any) -> Any:
    """Return the value that a text stands for; items of a collection are parted by commas.

    Raises ValueError, without the text in its own, if it stands for none.
    """
    if _is_union(wanted):
        return _first(parse, text, wanted)
    try:
        if get_origin(wanted) is Literal:
            return {str(choice): choice for choice in get_args(wanted)}[text]
        if _is_collection(wanted):
            parts = [part.strip() for part in text.split(",") if part.strip()]
            return _COLLECTIONS[get_origin(wanted)](parse(part, _item(wanted)) for part in parts)
        return _PARSERS.get(wanted, str)(text)
    except (ValueError, KeyError) as error:
        raise ValueError(f"not {describe(wanted)}") from error


def is_secret(wanted: Any) -> bool:
    """Say whether an annotation asks for a `Secret`, or for one that may be None."""
    return wanted is Secret or (_is_union(wanted) and Secret in get_args(wanted))


def _first(convert: Callable[[Any, Any], Any], value: Any, wanted: Any) -> Any:
    # None comes first: of `str | None` the empty text stands for None.
    for alternative in sorted(get_args(wanted), key=lambda each: each is not types.NoneType):
        try:
            return convert(value, alternative)
        except ValueError:
            continue
    raise ValueError(f"not {describe(wanted)}")


def _is_union(wanted: Any) -> bool:
    return get_origin(wanted) in (Union, types.UnionType)


def _is_collection(wanted: Any) -> bool:
    """Tell `Sequence[str]` from a bare `list`, whose items are anything, and from a tuple of fixed length."""
    arguments = get_args(wanted)
    if get_origin(wanted) is tuple:
        return len(arguments) == 2 and arguments[1] is Ellipsis
    return get_origin(wanted) in _COLLECTIONS


def _item(wanted: Any) -> Any:
    return get_args(wanted)[0]
