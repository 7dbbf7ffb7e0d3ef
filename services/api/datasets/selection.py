"""Whose posts a dataset holds, and what is told of them: by default under pseudonyms."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from catenae import Documents
from services.api.alerts import COLLECTION as ALERTS
from services.api.answers import Label
from services.api.paging import every
from services.api.pseudonyms import Pseudonyms
from services.api.users import POSTS

# What would lead back to a post on the site it was written on.
_TRACES = ("permalink", "link_id", "parent_id")


class Which(StrEnum):
    """The users of a dataset: labelled so, or labelled at all."""

    RISK = "risk"
    NO_RISK = "no_risk"
    ALL = "all"

    @property
    def labels(self) -> list[Label]:
        """The labels that belong in."""
        return list(Label) if self is Which.ALL else [Label(self.value)]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A user of a dataset, as the dataset calls the user."""

    name: str
    label: Label
    user: str


class Selection:
    """The users of a dataset and their posts, read as they are asked for.

    pseudonyms  None tells real names, and where a post was written
    """

    def __init__(self, documents: Documents, which: Which, pseudonyms: Pseudonyms | None) -> None:
        self._documents = documents
        self._which = which
        self._pseudonyms = pseudonyms

    def users(self) -> Iterator[Labelled]:
        """Yield the users, those at risk first; hidden alerts are left out."""
        for label in self._which.labels:
            where = {"hidden": None, "label": label.value}
            for found in every(self._documents, ALERTS, where, sort="opened_utc", fields=["id"]):
                yield Labelled(self._name(found["id"]), label, found["id"])

    def posts(self, user: Labelled) -> Iterator[dict[str, Any]]:
        """Yield the text records of a user, oldest first."""
        for found in every(self._documents, POSTS, {"author": user.user}, sort="created_utc"):
            record = {**found, "author": user.name}
            if self._pseudonyms is not None:
                record |= dict.fromkeys(_TRACES, "")
                record["id"] = self._pseudonyms.of_post(found["id"])
            yield record

    def _name(self, user: str) -> str:
        return user if self._pseudonyms is None else self._pseudonyms.of_name(user)


def sizes(documents: Documents) -> dict[Which, int]:
    """Return how many users each dataset has."""
    labelled = {label: documents.count(ALERTS, {"hidden": None, "label": label.value}) for label in Label}
    return {which: sum(labelled[label] for label in which.labels) for which in Which}
