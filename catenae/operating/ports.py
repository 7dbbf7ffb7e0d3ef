"""Ports that a node and its service do not agree on: those it declares, and those in its code."""

import ast
import inspect
import textwrap
from collections.abc import Iterator

from catenae.microservice import Microservice
from catenae.running.injection import declared_ports
from catenae.topology.node import Node

# What makes a message, and what it calls the port, which is the third that either takes.
_MAKING = {"derive": "to", "Message": "port"}
_PORT = 2
# Not `forget`: a request without a port goes on by every output.
_HANDLERS = ("generate", "transform", "transform_many", "wake")


def port_mistakes(node: Node, service: type[Microservice]) -> Iterator[str]:
    """Yield what is wrong, a line each."""
    declared = set(declared_ports(service))
    written = set(node.outputs)
    if declared and declared != written:
        yield from _undeclared(service.__qualname__, declared, written)
    elif written:
        yield from _unwritten(service, written)


def _undeclared(service: str, declared: set[str], written: set[str]) -> Iterator[str]:
    shown = _shown(declared)
    if written == {""}:
        yield f"writes one topic, but {service} has ports {shown}; give writes={{port: topic}}"
        return
    for port in sorted(written - declared):
        yield f"writes port {port!r}, which {service} does not have; its ports: {shown}"
    for port in sorted(declared - written):
        yield f"leaves out port {port!r} of {service}; its ports: {shown}"


def _unwritten(service: type[Microservice], written: set[str]) -> Iterator[str]:
    """Yield the ports that the code of a service names and the node does not write.

    Of what only shows when it runs nothing is known: such a message is a dead letter.
    """
    for port in sorted(set(_ports_in_code(service)) - written):
        name = service.__qualname__
        if not port:
            yield f"has ports {_shown(written)}, but {name} yields a message to none of them; name one"
        elif written == {""}:
            yield f"writes one topic, but {name} yields to port {port!r}; give writes={{port: topic}}"
        else:
            yield f"does not write port {port!r}, to which {name} yields; its ports: {_shown(written)}"


def _ports_in_code(service: type[Microservice]) -> Iterator[str]:
    """Yield each port that is written out where a message is made; "" where a handler gives one none."""
    for kind in service.__mro__:
        if kind.__module__.partition(".")[0] in ("catenae", "builtins"):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
        except (OSError, TypeError, SyntaxError):
            continue
        for each in ast.walk(tree):
            if (port := _port(each)) is not None:
                yield port
            elif isinstance(each, ast.FunctionDef) and each.name in _HANDLERS:
                yield from (
                    "" for part in ast.walk(each) if isinstance(part, ast.Yield) and _has_no_port(part.value)
                )


def _port(node: ast.AST | None) -> str | None:
    """Return the port that a call names by a text; None for all else."""
    if not isinstance(node, ast.Call) or (name := _called(node)) not in _MAKING:
        return None
    named = [each.value for each in node.keywords if each.arg == _MAKING[name]]
    given = [*node.args[_PORT : _PORT + 1], *named]
    found = given[0].value if given and isinstance(given[0], ast.Constant) else None
    return found if isinstance(found, str) else None


def _has_no_port(node: ast.AST | None) -> bool:
    """Say whether it is a call that makes a message and plainly gives it no port."""
    return (
        isinstance(node, ast.Call)
        and _called(node) in _MAKING
        and len(node.args) <= _PORT
        and not any(isinstance(each, ast.Starred) for each in node.args)
        and all(each.arg not in ("to", "port", "rejected", None) for each in node.keywords)
    )


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""


def _shown(ports: set[str]) -> str:
    return ", ".join(repr(port) for port in sorted(ports))
