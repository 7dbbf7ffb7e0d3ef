"""What the runs of a team say of every user, handed in round by round."""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from catenae import Clock, ConfigError, Documents, Leaf, Message, State, Timers, read_secret
from services.erisk.client import TOKEN_VARIABLE, Client
from services.erisk.protocol import Answer, Form

# Documents of the rounds that were answered, and how long that took; and the one key of all answers.
ROUNDS = "erisk_rounds"
SHEET = "sheet"

_RUN = re.compile(r"(model|[01]|0?\.\d+|1\.0+)(?:@(\d{1,6}))?", re.ASCII)


class Rule(NamedTuple):
    """How a run decides: from which probability and how many posts on; the model's own where None."""

    threshold: float | None = None
    min_posts: int | None = None

    def is_alert(self, found: Mapping[str, Any]) -> bool:
        """Say whether a user is worth an alert, given a `UserProbability`."""
        threshold = found["threshold"] if self.threshold is None else self.threshold
        min_posts = found.get("min_posts", 1) if self.min_posts is None else self.min_posts
        return bool(found["probability"] >= threshold and found["posts"] >= min_posts)


class Answers(Leaf):
    """Answer each round once all of it has been read, for all runs, and for all users of the first round.

    Reads what `Rounds` says of each round, and what `Verdicts` says of each user. An alert is final; of users
    without a text in a round what was last said stands, and is 0 of one of whom nothing is known. Stores
    `{"id": number, "users", "texts", "given_ms", "answered_ms"}` in `erisk_rounds`.

    runs        how each decides: "model", or a threshold, and "@posts" where it is not to be the model's
    patience_s  a round is answered so long after it came, whatever has not been read of it by then

    A round is handed in again if this is killed before it is stored as answered; never once it is.
    """

    def __init__(  # noqa: PLR0913, PLR0917  the runtime's four, and each option by its name
        self,
        sheet: State[dict[str, Any]],
        timers: Timers,
        documents: Documents,
        clock: Clock,
        server: str,
        runs: Sequence[str] = ("model",),
        patience_s: float = 600.0,
    ) -> None:
        self._rules = [_rule(run) for run in runs]
        if not self._rules:
            raise ConfigError("option 'runs' of Answers names none. Name one, such as model")
        self._sheet = sheet
        self._timers = timers
        self._documents = documents
        self._client = Client(server, read_secret(os.environ, TOKEN_VARIABLE), Form.WRITINGS)
        self._patience_s = patience_s
        self._clock = clock

    def consume_many(self, messages: Sequence[Message]) -> None:
        sheet = self._sheet.get(SHEET) or {"users": {}, "read": {}, "round": None}
        for message in messages:
            value = message.value
            if "given_ms" in value:
                self._begin(sheet, value)
            else:
                self._note(sheet, value)
        given = sheet["round"]
        if given is not None and sheet["read"].get(str(given["number"]), 0) >= given["texts"]:
            self._hand_in(sheet)
        self._sheet[SHEET] = sheet

    def wake(self, message: Message[str]) -> None:  # noqa: ARG002  there is one timer
        sheet = self._sheet.get(SHEET)
        if sheet is not None and sheet["round"] is not None:
            self._hand_in(sheet)
            self._sheet[SHEET] = sheet

    def _begin(self, sheet: dict[str, Any], given: dict[str, Any]) -> None:
        sheet["round"] = given
        for user in given["users"]:
            sheet["users"].setdefault(user, {"score": 0.0, "now": [False] * len(self._rules), "alerted": []})
        self._timers.set(SHEET, after_s=self._patience_s)

    def _note(self, sheet: dict[str, Any], found: Mapping[str, Any]) -> None:
        number = str(found["round"])
        sheet["read"][number] = sheet["read"].get(number, 0) + 1
        of_user = sheet["users"].setdefault(found["user"], {"alerted": []})
        of_user["score"] = found["probability"]
        of_user["now"] = [rule.is_alert(found) for rule in self._rules]

    def _hand_in(self, sheet: dict[str, Any]) -> None:
        given = sheet["round"]
        number = str(given["number"])
        for of_user in sheet["users"].values():
            alerted = set(of_user["alerted"])
            of_user["alerted"] = sorted(alerted | {run for run, now in enumerate(of_user["now"]) if now})
        # Handed in before, the server may be at the next round, which this would be taken for.
        if self._documents.get(ROUNDS, number) is None:
            for run in range(len(self._rules)):
                self._client.submit(run, _answers(sheet["users"], run))
            known = {name: given[name] for name in ("texts", "given_ms")}
            answered_ms = round(self._clock.now_s() * 1000)
            answered = {"id": number, "users": len(given["users"]), **known, "answered_ms": answered_ms}
            self._documents.upsert(ROUNDS, [answered])
        sheet["read"] = {}
        sheet["round"] = None
        self._timers.cancel(SHEET)


def _answers(users: Mapping[str, Mapping[str, Any]], run: int) -> list[Answer]:
    return [
        Answer(nick=user, decision=int(run in of_user["alerted"]), score=of_user["score"])
        for user, of_user in users.items()
    ]


def _rule(run: str) -> Rule:
    found = _RUN.fullmatch(run)
    if found is None:
        raise ConfigError(
            f"option 'runs' of Answers has {run!r}; give model, or a threshold such as 0.75 or 0.75@10"
        )
    threshold = None if found[1] == "model" else float(found[1])
    return Rule(threshold, None if found[2] is None else int(found[2]))
