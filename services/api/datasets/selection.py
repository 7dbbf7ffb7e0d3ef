"""Whose posts a dataset holds, and what is told of them: by default under pseudonyms.

What leaves is the text record that the screening itself reads, field by field: whatever else a row of a
producer holds stays here, and a row that is no text record was not screened, and is left out.
"""

import logging
import re
from collections import Counter
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
from services.reddit.records import OddRow, TextRecord, text_record

logger = logging.getLogger(__name__)

# What would lead back to a post on the site it was written on.
_TRACES = ("permalink", "link_id", "parent_id")
# Somebody's own page, which is called as they are: u_name, user/name. The same within a text, also in an
# address or between the signs of emphasis, and @name.
_PROFILE = re.compile(r"/?(?:u|user)[_/](?P<name>.+)", re.IGNORECASE | re.DOTALL)
_NO_LETTER_BEFORE, _NO_LETTER_BEHIND = r"(?<![^\W_])", r"(?![^\W_])"
_MENTION = re.compile(
    _NO_LETTER_BEFORE + r"(?P<way>(?:u|user)[_/]|(?P<at>@))(?P<name>(?(at)[\w-]{2,}(?:\.[\w-]+)*|[\w-]{3,}))",
    re.IGNORECASE,
)


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
        self.left_out: Counter[str] = Counter()

    def users(self) -> Iterator[Labelled]:
        """Yield the users, those at risk first; hidden alerts are left out."""
        for label in self._which.labels:
            where = {"hidden": None, "label": label.value}
            for found in every(self._documents, ALERTS, where, sort="opened_utc", fields=["id"]):
                yield Labelled(self._name(found["id"]), label, found["id"])

    def posts(self, user: Labelled) -> Iterator[dict[str, Any]]:
        """Yield the text records of a user, oldest first; what is none is counted in `left_out`."""
        for found in every(self._documents, POSTS, {"author": user.user}, sort="created_utc"):
            try:
                record = text_record(found)
            except OddRow as odd:
                self.left_out[odd.reason] += 1
                logger.warning("post left out of a dataset", extra={"reason": odd.reason})
                continue
            yield dict(record) if self._pseudonyms is None else _hidden(record, user, self._pseudonyms)

    def _name(self, user: str) -> str:
        return user if self._pseudonyms is None else self._pseudonyms.of_name(user)


def _hidden(record: TextRecord, user: Labelled, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """Return a text record that names nobody: neither its author nor those it mentions as u/name or @name."""

    def called(name: str) -> str:
        return user.name if name.casefold() == user.user.casefold() else pseudonyms.of_name(name)

    own = re.compile(_NO_LETTER_BEFORE + re.escape(user.user) + _NO_LETTER_BEHIND, re.IGNORECASE)

    def told(text: str) -> str:
        return own.sub(user.name, _MENTION.sub(lambda each: each["way"] + called(each["name"]), text))

    profile = _PROFILE.fullmatch(record["subreddit"])
    return {
        **record,
        **dict.fromkeys(_TRACES, ""),
        "id": pseudonyms.of_post(record["id"]),
        "author": user.name,
        "subreddit": f"u_{called(profile['name'])}" if profile else record["subreddit"],
        "title": told(record["title"]),
        "body": told(record["body"]),
    }


def sizes(documents: Documents) -> dict[Which, int]:
    """Return how many users each dataset has."""
    labelled = {label: documents.count(ALERTS, {"hidden": None, "label": label.value}) for label in Label}
    return {which: sum(labelled[label] for label in which.labels) for which in Which}
