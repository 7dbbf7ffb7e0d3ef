"""Of what type a microservice's values are, as the annotation of its handler says."""

from collections.abc import Iterator
from typing import Any, get_args, get_origin, get_type_hints

from catenae.errors import TopologyError
from catenae.message import Message
from catenae.microservice import Microservice
from catenae.value_type import ValueType

_HANDLERS = ("transform", "transform_many", "consume", "consume_many")


def handled_type(service: type[Microservice]) -> ValueType | None:
    """Return the type of `Message[...]` in what the handlers take; None where they take any Message.

    Raises `TopologyError` for several types, and for one that is unknown or that no value can be checked by.
    """
    found = [each for name in _HANDLERS for each in _declared(service, name)]
    if any(each is not found[0] for each in found):
        raise TopologyError(
            f"the handlers of {service.__qualname__} take messages of several types; annotate them alike"
        )
    return ValueType(found[0]) if found else None


def _declared(service: type[Microservice], name: str) -> Iterator[Any]:
    handler = getattr(service, name, None)
    try:
        hints = get_type_hints(handler, include_extras=True) if handler is not None else {}
    except NameError as error:
        if "Message[" not in str(getattr(handler, "__annotations__", "")):
            return
        raise TopologyError(
            f"{name} of {service.__qualname__} has an unknown annotation: {error}. Import what it names"
        ) from error
    for parameter, annotation in hints.items():
        if parameter != "return":
            yield from message_types(annotation)


def message_types(annotation: Any) -> Iterator[Any]:
    """Yield the types of values in an annotation: T of each `Message[T]` in it, but for Any."""
    if get_origin(annotation) is Message:
        yield from (each for each in get_args(annotation) if each is not Any)
    else:
        for each in get_args(annotation):
            yield from message_types(each)
