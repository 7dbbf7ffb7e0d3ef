"""From a reference on the command line, or in a node, to the topology or the service it names.

Both are imported from the project's root, the folder that holds `topologies/` and `services/`; it is put
first on the path of imports, for the life of the process.
"""

import importlib
import importlib.util
import inspect
import pkgutil
import re
import sys
import traceback
from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from catenae.broker import Input
from catenae.errors import TopologyError
from catenae.input_modes import InputMode
from catenae.microservice import Microservice
from catenae.retry import Retry
from catenae.suggestion import suggestion
from catenae.topology.graph import Topology
from catenae.topology.node import INPUT_MODES, Node, Resources
from catenae.topology.scale import Scale

Kind = TypeVar("Kind")

# What declarations are made of, and what Python says of a field that one of them does not have.
_DECLARED: Mapping[str, type] = {
    each.__name__: each for each in (Topology, Node, Input, Retry, Scale, Resources)
}
_UNKNOWN_FIELD = re.compile(
    rf"(?P<kind>{'|'.join(_DECLARED)})\.__init__\(\) got an unexpected keyword argument '(?P<field>\w+)'"
)


def load_topology(reference: str, root: Path | None = None) -> Topology:
    """Return the topology of "topologies/name.py" or "topologies.name", with ":attribute" if it has several.

    Without an attribute it is the one called `topology`, else the only one there. `root` is the current
    directory unless given. Raises `TopologyError`, one line with the line of the file, if it cannot be had.
    """
    root = (root or Path()).resolve()
    _put_on_path(root)
    place, _, attribute = reference.partition(":")
    module = _run_file(root / place, place) if _is_file_name(place) else _import(place)
    found = {name: value for name, value in vars(module).items() if isinstance(value, Topology)}
    if attribute or "topology" in found:
        name = attribute or "topology"
        if name not in found:
            raise TopologyError(f"{place} has no topology {name!r}; {suggestion(name, found)}")
        return found[name]
    if not found:
        raise TopologyError(f"{place} declares no topology; write topology = Topology(...) in it")
    if len({id(value) for value in found.values()}) > 1:
        raise TopologyError(
            f"{place} declares several topologies: {', '.join(sorted(found))}; call one of them `topology`, "
            f"or name one: {place}:{min(found)}"
        )
    return next(iter(found.values()))


def import_service(path: str) -> type[Microservice]:
    """Return the class that "package.module:Class" names.

    Raises `TopologyError` if there is no such module or class, if importing it fails, or if the class is no
    microservice.
    """
    return _imported(path, Microservice, "microservice; derive it from Source, Middle, Leaf or Server")


def input_mode_of(named: str) -> Any:
    """Return the mode that a node names: "parity", "exponential", or the class; as `import_service`."""
    if named in INPUT_MODES:
        return named
    return _imported(named, InputMode, "input mode; derive it from InputMode")


def _imported(path: str, kind: type[Kind], wanted: str) -> type[Kind]:
    place, _, name = path.partition(":")
    module = _import(place)
    found = getattr(module, name, None)
    if found is None:
        classes = [key for key, value in vars(module).items() if _is(value, kind)]
        raise TopologyError(f"module {place!r} has no {name!r}; {suggestion(name, classes)}")
    if not _is(found, kind):
        raise TopologyError(f"{path!r} is no {wanted}")
    return found  # type: ignore[no-any-return]  # _is has told


def _is(value: object, kind: type) -> bool:
    return inspect.isclass(value) and issubclass(value, kind)


def _put_on_path(root: Path) -> None:
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))


def _is_file_name(place: str) -> bool:
    return place.endswith(".py") or "/" in place


def _run_file(path: Path, shown: str) -> ModuleType:
    """Run a topology's file as a module of its own, so that it needs no package around it."""
    if not path.is_file():
        folder = shown.rpartition("/")[0] or "."
        nearby = [f"{folder}/{each.name}" for each in path.parent.glob("*.py") if each.stem != "__init__"]
        raise TopologyError(f"there is no file {shown!r}; {_suggestion(shown, nearby)}")
    spec = importlib.util.spec_from_file_location(f"topology_file_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise TopologyError(f"{shown!r} is no Python file; name one that ends with .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # a dataclass in the file looks its own module up
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever a user's file raises becomes one line
        raise TopologyError(f"{_line_of(error, str(path), shown)}: {_in_one_line(error)}") from error
    return module


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if name == missing or name.startswith(f"{missing}."):
            raise TopologyError(
                f"there is no module {name!r}; {_suggestion(name, _siblings(missing))}"
            ) from error
        raise TopologyError(
            f"module {name!r} needs {missing!r}, which is not installed; install it"
        ) from error
    except (Exception, SystemExit) as error:  # whatever a user's module raises becomes one line
        file, line = _innermost(error)
        raise TopologyError(
            f"module {name!r} cannot be imported: {file}:{line}: {_in_one_line(error)}"
        ) from error


def _suggestion(found: str, known: list[str]) -> str:
    return (
        suggestion(found, known) if known else "run this in the folder that holds topologies/ and services/"
    )


def _siblings(missing: str) -> list[str]:
    """Return the modules beside one that is missing; those of the whole path would be too many to list."""
    package = sys.modules.get(missing.rpartition(".")[0])
    if package is None:
        return []
    return [f"{package.__name__}.{each.name}" for each in pkgutil.iter_modules(package.__path__)]


def _line_of(error: BaseException, file: str, shown: str) -> str:
    """Return "file:line" of the topology's own line, also when the error came up in something it called."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return f"{shown}:{error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    return f"{shown}:{lines[-1]}" if lines else shown


def _innermost(error: BaseException) -> tuple[str, int | None]:
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return frame.filename, frame.lineno


def _in_one_line(error: BaseException) -> str:
    if found := _UNKNOWN_FIELD.fullmatch(str(error)):
        fields = signature(_DECLARED[found["kind"]]).parameters
        return f"{found['kind']} has no {found['field']!r}; {suggestion(found['field'], fields)}"
    text = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    return text if isinstance(error, TopologyError) else f"{type(error).__name__}: {text}"
