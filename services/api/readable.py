"""Documents as answers: one that is odd is left out, counted and told of, and costs the others nothing."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import ValidationError

from catenae import Document

logger = logging.getLogger(__name__)

A = TypeVar("A")


def readable(answer: Callable[[Document], A], found: Iterable[Document]) -> tuple[list[A], int]:
    """Return what answers can be made of, and how many of the documents are left out.

    answer  makes one; of an odd document it raises pydantic's ValidationError, KeyError, TypeError or
            ValueError
    """
    answers, left_out = [], 0
    for document in found:
        try:
            answers.append(answer(document))
        except (ValidationError, KeyError, TypeError, ValueError):
            left_out += 1
    if left_out:
        logger.warning("documents left out", extra={"documents": left_out, "answers": answer.__name__})
    return answers, left_out


def readable_one(answer: Callable[[Document], A], found: Document | None) -> A | None:
    """Return the answer of one document; None where there is none, or no answer can be made of it."""
    answers, _ = readable(answer, [] if found is None else [found])
    return answers[0] if answers else None
