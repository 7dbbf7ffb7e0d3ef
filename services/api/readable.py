"""Documents as answers: one that is odd is left out, counted and told of, and costs the others nothing."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import ValidationError

from catenae import Document, Page
from services.api.answers import Listed

logger = logging.getLogger(__name__)

A = TypeVar("A")


class Reader:
    """Makes answers of documents.

    count  is told how many were left out, whenever some are
    """

    def __init__(self, count: Callable[[int], None]) -> None:
        self._count = count

    def every(self, answer: Callable[[Document], A], found: Iterable[Document]) -> tuple[list[A], int]:
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
            self._count(left_out)
            logger.warning("documents left out", extra={"documents": left_out, "answers": answer.__name__})
        return answers, left_out

    def listed(self, answer: Callable[[Document], A], found: Page) -> Listed[A]:
        """Return a part of a list as it is answered."""
        items, left_out = self.every(answer, found.documents)
        return Listed(items=items, cursor=found.cursor, left_out=left_out)

    def one(self, answer: Callable[[Document], A], found: Document | None) -> A | None:
        """Return the answer of one document; None where there is none, or no answer can be made of it."""
        answers, _ = self.every(answer, [] if found is None else [found])
        return answers[0] if answers else None
