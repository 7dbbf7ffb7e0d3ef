"""Another fourth stage, off unless a topology has it: by what single posts say, and not all words alone."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from catenae import ConfigError, Message, Middle, State
from services.depression.evidence_rules import RULES, Packed
from services.depression.logistic_predictor import UserPicture
from services.depression.model import picture
from services.depression.model.artefact import Model, model_of
from services.depression.model.counts import lay_out
from services.depression.model.evidence import evidence_rules_of
from services.depression.stage import by_model, unpack_each
from services.depression.values import TfidfChange, UserProbability
from services.models.in_use import Models

NO_RULES = "model without evidence rules"


class EvidenceAdder(Middle):
    """Judge users by what single posts say. Reads `TfidfChange`; writes a `UserProbability` for each.

    Its `probability` is σ of how far the user is above the threshold that training chose, so .5 is where it
    alerts; it is not calibrated. A post that is taken away is taken out again, exactly, within the bounds of
    `Diary` and `Strongest`; a user who is forgotten is gone. How much is kept of a user is bounded.

    rule  "stretch": the best stretch of days that ends with the latest; "decayed": a sum in which half is
          left after two weeks; "strongest": the log-odds of all words so far, and the mean of the five
          strongest posts, which are named. What was kept by a rule that keeps something else begins anew
    """

    def __init__(self, diaries: State[dict[str, list[Any]]], model: str, rule: str = "stretch") -> None:
        if rule not in RULES:
            raise ConfigError(f"option 'rule' of EvidenceAdder is {rule!r}; give one of {', '.join(RULES)}")
        self._diaries = diaries
        self._models = Models(model, model_of)
        self._rule = RULES[rule]

    def setup(self) -> None:
        self._models.open()

    def teardown(self) -> None:
        self._models.close()

    def transform_many(self, messages: Sequence[Message[TfidfChange]]) -> Iterator[Message]:
        for model, some in by_model(messages, self._models):
            if model is None:
                yield from some
            elif self._rule.name not in evidence_rules_of(model.training).thresholds:
                yield from (each.reject(NO_RULES) for each in some)
            else:
                yield from self._transform(some, model)

    def _transform(self, messages: Sequence[Message], model: Model) -> Iterator[Message]:
        posts: list[TfidfChange] = [message.value for message in messages]
        rules = evidence_rules_of(model.training)
        users = self._diaries.get_many(list(dict.fromkeys(post["user"] for post in posts)))
        for message, post, said in zip(messages, posts, _said(posts, model), strict=True):
            of_user = users.setdefault(post["user"], {})
            kept, *sums = of_user.pop(model.version, None) or [self._rule.kept, []]
            if kept != self._rule.kept:
                sums = [[]]
            packed = self._rule.changed(sums[0], post, said.evidence, rules)
            before = UserPicture(*sums[1:]) if sums[1:] else UserPicture.empty(post["created_utc"])
            after = before.after(post, said.dot_change)
            of_user[model.version] = [self._rule.kept, packed, *after]
            yield message.derive(self._of_user(post, packed, after, model))
        for user, of_user in users.items():
            self._diaries[user] = of_user

    def _of_user(
        self, post: TfidfChange, packed: Packed, after: UserPicture, model: Model
    ) -> UserProbability:
        rules = evidence_rules_of(model.training)
        sums = (np.array(each) for each in (after.dot, after.squared_norm, after.posts))
        words = float(model.log_odds(*sums))
        above = self._rule.log_odds(packed, words, rules) - rules.thresholds[self._rule.name]
        return UserProbability(
            user=post["user"],
            probability=float(picture.sigmoid(np.array(above))),
            threshold=0.5,
            min_posts=model.certainty.min_posts,
            posts=after.posts,
            first_utc=after.first_utc,
            last_utc=after.last_utc,
            last_id=after.last_id,
            strongest=self._rule.strongest(packed, rules),
            post_id=post["post_id"],
            created_utc=post["created_utc"],
            model=post["model"],
        )


class _Said(NamedTuple):
    """What a post says, and by how much it changes Σ w·f·c; the negative of either where it is removed."""

    evidence: float
    dot_change: float


def _said(posts: Sequence[TfidfChange], model: Model) -> Iterator[_Said]:
    entries = lay_out(unpack_each([post["ids"] for post in posts], "<i4"))
    change = np.concatenate(unpack_each([post["change"] for post in posts], "<f8"))
    own = np.concatenate(unpack_each([post["own"] for post in posts], "<f8"))
    damped = picture.damped(entries, own, change, model.certainty.prior)
    evidence = entries.total(picture.contributions(entries, damped, model.weights))
    dots = picture.dot_change(entries, change, model.weights)
    return map(_Said, evidence.tolist(), dots.tolist())
