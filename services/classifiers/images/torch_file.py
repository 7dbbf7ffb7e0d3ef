"""Tensors in a file as PyTorch wrote them before 1.6, read without PyTorch, and without running its pickles.

Such a file is five pickles, then the numbers. A pickle is a program; this reads the few of its instructions
that dictionaries of tensors are made of, and refuses all others, whatever they would do: nothing that it
names is imported, and nothing called. Source of the layout: `torch.serialization._legacy_save`.
"""

import math
import pickletools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Tensors = dict[str, npt.NDArray[Any]]

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
# Where a tensor has a stride of 0 it has more numbers than the file.
_MOST_NUMBERS = 2**27
_TYPES: Mapping[str, str] = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}
_DICTIONARY, _TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
_MARK: Final = object()
_CONSTANTS: Mapping[str, Any] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_NUMBERS = frozenset(("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE"))


class _Name(NamedTuple):
    """Something outside of the file that it names; it stays a name."""

    text: str


class _Storage(NamedTuple):
    """Where a tensor's numbers are: under which key, of what type, and how many."""

    key: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A tensor that is still in its storage; offset and strides count numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def tensors_of(content: bytes) -> Tensors:
    """Return the tensors of a file by name, each in its shape; raise ValueError for what is no such file."""
    file = BytesIO(content)
    try:
        magic, protocol, system, named, keys = (_value(file) for _ in range(5))
        if (magic, protocol) != (_MAGIC, _PROTOCOL) or system.get("little_endian") is not True:
            raise ValueError("not of the format of before PyTorch 1.6")
        tensors = {str(name): _checked(found) for name, found in named.items()}
        numbers = _numbers(file, keys, {each.storage.key: each.storage for each in tensors.values()})
        return {name: _placed(each, numbers[each.storage.key]) for name, each in tensors.items()}
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError) as error:
        raise ValueError(f"no file of tensors: {type(error).__name__}") from error


def _value(file: BytesIO) -> Any:
    """Return what the next pickle of a file makes, of the few things that one here may."""
    stack: list[Any] = []
    memory: dict[int, Any] = {}
    argument: Any
    for instruction, argument, _ in pickletools.genops(file):
        name = instruction.name
        if name == "STOP":
            return stack.pop()
        if name in {"BINPUT", "LONG_BINPUT"}:
            memory[argument] = stack[-1]
        elif name in {"BINGET", "LONG_BINGET"}:
            stack.append(memory[argument])
        elif name in _NUMBERS:
            stack.append(argument)
        else:
            _step(name, argument, stack)
    raise ValueError("a pickle without an end")


def _step(name: str, argument: Any, stack: list[Any]) -> None:  # noqa: C901, PLR0912  a line per instruction
    if name == "PROTO":
        return
    if name == "MARK":
        stack.append(_MARK)
    elif name in _CONSTANTS:
        stack.append(_CONSTANTS[name])
    elif name in {"EMPTY_DICT", "EMPTY_LIST", "EMPTY_TUPLE"}:
        stack.append({"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple}[name]())
    elif name == "TUPLE":
        stack.append(tuple(_since_mark(stack)))
    elif name in {"TUPLE1", "TUPLE2", "TUPLE3"}:
        count = int(name[-1])
        stack[-count:] = [tuple(stack[-count:])]
    elif name == "APPENDS":
        items = _since_mark(stack)
        stack[-1].extend(items)
    elif name == "SETITEMS":
        items = _since_mark(stack)
        stack[-1].update(zip(items[::2], items[1::2], strict=True))
    elif name == "SETITEM":
        value, key = stack.pop(), stack.pop()
        stack[-1][key] = value
    elif name == "GLOBAL":
        stack.append(_named(argument))
    elif name == "BINPERSID":
        stack.append(_storage(stack.pop()))
    elif name == "REDUCE":
        given, what = stack.pop(), stack.pop()
        stack.append(_made(what, given))
    elif name == "BUILD" and isinstance(stack[-2], dict):
        # Which version of its code each part was of.
        stack.pop()
    else:
        raise ValueError(f"an instruction that no file of tensors needs: {name}")


def _since_mark(stack: list[Any]) -> list[Any]:
    at = max(place for place, each in enumerate(stack) if each is _MARK)
    items = stack[at + 1 :]
    del stack[at:]
    return items


def _named(text: str) -> _Name:
    if text not in {_DICTIONARY, _TENSOR, *_TYPES}:
        raise ValueError("a name that no file of tensors needs")
    return _Name(text)


def _storage(said: Any) -> _Storage:
    kind, named, key, _place, size, view = said
    if kind != "storage" or view is not None or not isinstance(named, _Name):
        raise ValueError("a storage of another kind")
    return _Storage(str(key), _TYPES[named.text], _whole(size))


def _made(what: Any, given: Any) -> Any:
    """Return what would come of a call, of the two that there may be."""
    if what == _Name(_DICTIONARY) and given == ():
        return {}
    if what == _Name(_TENSOR):
        storage, offset, shape, strides, _requires_gradient, _hooks = given
        if isinstance(storage, _Storage):
            sizes, steps = (tuple(map(_whole, each)) for each in (shape, strides))
            return _Tensor(storage, _whole(offset), sizes, steps)
    raise ValueError("a call that no file of tensors needs")


def _whole(number: Any) -> int:
    if type(number) is not int or number < 0:
        raise ValueError("a size that is none")
    return number


def _checked(found: Any) -> _Tensor:
    """Return a tensor whose numbers are all in its storage."""
    if not isinstance(found, _Tensor) or len(found.shape) != len(found.strides):
        raise ValueError("something else than a tensor")
    count = math.prod(found.shape)
    last = found.offset + sum(
        (size - 1) * step for size, step in zip(found.shape, found.strides, strict=True)
    )
    if count > _MOST_NUMBERS or (count and last >= found.storage.size):
        raise ValueError("a tensor that is not in its storage")
    return found


def _numbers(file: BytesIO, keys: Sequence[Any], storages: Mapping[str, _Storage]) -> Tensors:
    """Return the numbers of each storage: as they follow the pickles, each after how many they are."""
    found: Tensors = {}
    for key in keys:
        storage = storages[key]
        size = int.from_bytes(file.read(8), "little")
        content = file.read(size * int(storage.type[-1])) if size == storage.size else b""
        if len(content) != storage.size * int(storage.type[-1]):
            raise ValueError("a storage of another size")
        found[key] = np.frombuffer(content, storage.type)
    return found


def _placed(tensor: _Tensor, numbers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a tensor's numbers in the order of its shape, whatever order they are stored in."""
    steps = [step * numbers.itemsize for step in tensor.strides]
    start = numbers[tensor.offset :]
    if not math.prod(tensor.shape):
        return np.zeros(tensor.shape, numbers.dtype)
    return np.lib.stride_tricks.as_strided(start, tensor.shape, steps, writeable=False).copy()
