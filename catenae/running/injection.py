"""What a service's constructor asks for, and the service built with it.

Parameters annotated `State[...]`, `Timers`, `Store`, `Documents`, `Operations`, `Clock`, `Metrics` or `Log`
are collaborators, filled by the runtime; all others are options, given by the node, the environment and the
command line. A `Secret` is one that is not written into a declaration.
"""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from catenae.clock import Clock
from catenae.conversion import describe, fit, is_secret, parse
from catenae.deployment.operations import Operations
from catenae.errors import ConfigError, TopologyError
from catenae.meters import Metrics
from catenae.microservice import Leaf, Microservice, Middle, Server, Source
from catenae.secret_files import read_secret
from catenae.service_log import Log
from catenae.store import Documents, State, Store
from catenae.suggestion import suggestion
from catenae.timers import Timers

_WHERE_SECRETS_ARE = "give it by CATENAE_OPTION_<NODE>_<NAME>_FILE, or without _FILE"

Kind = Literal["source", "middle", "leaf", "server"]
Role = Literal["state", "timers", "store", "documents", "operations", "clock", "metrics", "log", "option"]

_KINDS: Mapping[Kind, type[Microservice]] = {
    "source": Source,
    "middle": Middle,
    "leaf": Leaf,
    "server": Server,
}
_COLLABORATORS: Mapping[Any, Role] = {
    State: "state",
    Timers: "timers",
    Store: "store",
    Documents: "documents",
    Operations: "operations",
    Clock: "clock",
    Metrics: "metrics",
    Log: "log",
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a service's constructor. `accepts` is its annotation, Any where it has none."""

    name: str
    role: Role
    accepts: Any
    required: bool


def kind_of(service: type[Microservice]) -> Kind:
    """Return which kind of the four a service is. Raises `TopologyError` unless it is just one."""
    kinds: list[Kind] = [kind for kind, parent in _KINDS.items() if issubclass(service, parent)]
    if len(kinds) != 1:
        found = " and ".join(kinds) or "none of them"
        raise TopologyError(
            f"{service.__qualname__} must be a Source, a Middle, a Leaf or a Server, but is {found}"
        )
    return kinds[0]


def parameters(service: type[Microservice]) -> tuple[Parameter, ...]:
    """Return what the constructor takes, in its order; `*args` and `**kwargs` are left out.

    Raises `TopologyError` for an annotation that names something unknown.
    """
    try:
        hints = get_type_hints(service.__init__)
    except NameError as error:
        raise TopologyError(
            f"the constructor of {service.__qualname__} has an unknown annotation: {error}"
        ) from error
    return tuple(
        Parameter(each.name, _role(annotation), annotation, required=each.default is inspect.Parameter.empty)
        for each in inspect.signature(service).parameters.values()
        if each.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        for annotation in (hints.get(each.name, Any),)
    )


def state_parameters(service: type[Microservice]) -> list[str]:
    """Return the names of the parameters that are kept in State, in order: `State[...]` and `Timers`."""
    return [each.name for each in parameters(service) if each.role in ("state", "timers")]


def needs_store(service: type[Microservice]) -> bool:
    """Say whether an instance keeps anything in the store."""
    return any(each.role in ("state", "timers", "store") for each in parameters(service))


def needs_documents(service: type[Microservice]) -> bool:
    """Say whether an instance has to do with documents."""
    return any(each.role == "documents" for each in parameters(service))


def timers_parameter(service: type[Microservice]) -> str | None:
    """Return the name of the parameter annotated `Timers`; raise `TopologyError` for several."""
    names = [each.name for each in parameters(service) if each.role == "timers"]
    if len(names) > 1:
        raise TopologyError(f"{service.__qualname__} asks for Timers {len(names)} times; ask for one")
    return names[0] if names else None


def declared_ports(service: type[Microservice]) -> tuple[str, ...]:
    """Return the ports that a service says it yields to; empty where it says nothing.

    A service says so by a class attribute: `ports: ClassVar[Sequence[str]] = ("texts", "users")`.
    """
    return tuple(getattr(service, "ports", ()))


def option_mistakes(service: type[Microservice], options: Mapping[str, Any]) -> Iterator[str]:
    """Yield what keeps a service from being built with these options: unknown, missing, of the wrong type."""
    roles = {each.name: each.role for each in parameters(service)}
    known = {each.name: each for each in parameters(service) if each.role == "option"}
    who = service.__qualname__
    for name, value in options.items():
        if roles.get(name, "option") != "option":
            yield f"has option {name!r}, but {who} gets its {roles[name]} from the runtime; remove it"
        elif name not in known:
            yield f"has option {name!r}, which {who} does not take; {suggestion(name, known)}"
        else:
            try:
                fit(value, known[name].accepts)
            except ValueError:
                if is_secret(known[name].accepts):
                    yield (
                        f"has option {name!r} in its declaration, where everybody could read it; {who} takes "
                        f"a secret: {_WHERE_SECRETS_ARE}"
                    )
                    continue
                yield f"has option {name!r} = {value!r}; {who} takes {describe(known[name].accepts)}"
    for name, parameter in known.items():
        if parameter.required and name not in options:
            where = f": {_WHERE_SECRETS_ARE}" if is_secret(parameter.accepts) else ""
            yield f"lacks option {name!r}, which {who} needs ({describe(parameter.accepts)}{where})"


def options_from_text(service: type[Microservice], texts: Mapping[str, str]) -> dict[str, Any]:
    """Return options given as text, by a flag or the environment, as the values that the constructor takes.

    A secret may be named by a file that has it, option `<name>_file`. Raises `ConfigError` for an unknown
    option, a text that stands for no such value or a file that cannot be read.
    """
    known = {each.name: each.accepts for each in parameters(service) if each.role == "option"}
    options = {}
    for name, text in _with_secrets(known, texts).items():
        if name not in known:
            raise ConfigError(f"{service.__qualname__} takes no option {name!r}; {suggestion(name, known)}")
        try:
            options[name] = parse(text, known[name])
        except ValueError as error:
            raise ConfigError(
                f"option {name!r} of {service.__qualname__} is {text!r}; it takes {describe(known[name])}"
            ) from error
    return options


def of_roles(service: type[Microservice], by_role: Mapping[Role, Any]) -> dict[str, Any]:
    """Return by parameter what the constructor gets of these, one for each role."""
    return {each.name: by_role[each.role] for each in parameters(service) if each.role in by_role}


def build(service: type[Microservice], options: Mapping[str, Any], given: Mapping[str, Any]) -> Microservice:
    """Return a new instance of the service.

    given  the collaborators by parameter; None for one that is not there

    Raises `TopologyError` for options that do not fit or a collaborator that is needed and not there.
    """
    for mistake in option_mistakes(service, options):
        raise TopologyError(f"cannot build {service.__qualname__}: it {mistake}")
    arguments: dict[str, Any] = {}
    for each in parameters(service):
        if each.role == "option":
            if each.name in options:
                arguments[each.name] = fit(options[each.name], each.accepts)
        elif given.get(each.name) is not None:
            arguments[each.name] = given[each.name]
        elif each.required:
            raise TopologyError(
                f"cannot build {service.__qualname__}: it needs {each.role} for {each.name!r}"
            )
    return service(**arguments)


def _with_secrets(known: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, str]:
    """Return the texts with secrets in place of the files that have them."""
    secrets = {name for name, accepts in known.items() if is_secret(accepts)}
    named = {name for name in secrets if f"{name}_file" in texts and f"{name}_file" not in known}
    read = {name: read_secret({k.upper(): v for k, v in texts.items()}, name.upper()) for name in named}
    return {**{name: text for name, text in texts.items() if name.removesuffix("_file") not in named}, **read}


def _role(annotation: Any) -> Role:
    """Tell a collaborator, also one that may be None, from an option."""
    several = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    found = (_COLLABORATORS.get(get_origin(each) or each) for each in several)
    return next((role for role in found if role is not None), "option")
