"""Another fourth stage, off unless a topology has it: single posts, added up by the day they are of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from catenae import ConfigError, Message, Middle, State
from services.depression.model import picture
from services.depression.model.artefact import Model, model_of
from services.depression.model.counts import lay_out
from services.depression.model.diary import Diary, unpacked
from services.depression.model.evidence import DECAYED, STRETCH
from services.depression.stage import by_model, unpack_each
from services.depression.values import TfidfChange, UserProbability
from services.models.in_use import Models

NO_RULES = "model without evidence rules"
RULES = {"stretch": STRETCH, "decayed": DECAYED}


class Kept(NamedTuple):
    """All that is remembered of a user by a version; times in seconds, those of removed posts included."""

    diary: Diary
    first_utc: int
    last_utc: int
    last_id: str


class EvidenceAdder(Middle):
    """Add up what single posts say. Reads `TfidfChange`; writes a `UserProbability` for each.

    Its `probability` is σ of how far the sum is above the threshold that training chose, so .5 is where it
    alerts; it is not calibrated. A post that is taken away is taken out of its day, exactly; a user who is
    forgotten is gone. It keeps three numbers for each day on which a user wrote.

    rule  "stretch": the best stretch of days that ends with the latest; "decayed": a sum in which half is
          left after two weeks
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
            elif self._rule not in model.training.get("evidence_rules", {}).get("thresholds", {}):
                yield from (each.reject(NO_RULES) for each in some)
            else:
                yield from self._transform(some, model)

    def _transform(self, messages: Sequence[Message], model: Model) -> Iterator[Message]:
        posts: list[TfidfChange] = [message.value for message in messages]
        found = self._diaries.get_many(list(dict.fromkeys(post["user"] for post in posts)))
        users = {user: {version: _kept(each) for version, each in of.items()} for user, of in found.items()}
        for message, post, evidence in zip(messages, posts, _evidence(posts, model), strict=True):
            of_user = users.setdefault(post["user"], {})
            after = _after(of_user.pop(model.version, None), post, evidence)
            of_user[model.version] = after
            yield message.derive(self._of_user(post, after, model))
        for user, of_user in users.items():
            self._diaries[user] = {
                version: [each.diary.packed(), *each[1:]] for version, each in of_user.items()
            }

    def _of_user(self, post: TfidfChange, kept: Kept, model: Model) -> UserProbability:
        rules: Mapping[str, Any] = model.training["evidence_rules"]
        is_stretch = self._rule == STRETCH
        middle, threshold = rules["middle"], rules["thresholds"][self._rule]
        total = kept.diary.stretch(middle).total if is_stretch else kept.diary.decayed(middle)
        return UserProbability(
            user=post["user"],
            probability=float(picture.sigmoid(np.array(total - threshold))),
            threshold=0.5,
            min_posts=model.certainty.min_posts,
            posts=kept.diary.posts,
            first_utc=kept.first_utc,
            last_utc=kept.last_utc,
            last_id=kept.last_id,
            post_id=post["post_id"],
            created_utc=post["created_utc"],
            model=post["model"],
        )


def _evidence(posts: Sequence[TfidfChange], model: Model) -> list[float]:
    """Return what each post says, negative of one that is taken away."""
    entries = lay_out(unpack_each([post["ids"] for post in posts], "<i4"))
    change = np.concatenate(unpack_each([post["change"] for post in posts], "<f8"))
    own = np.concatenate(unpack_each([post["own"] for post in posts], "<f8"))
    damped = picture.damped(entries, own, change, model.certainty.prior)
    found: list[float] = entries.total(picture.contributions(entries, damped, model.weights)).tolist()
    return found


def _after(before: Kept | None, post: TfidfChange, evidence: float) -> Kept:
    at_utc, post_id = post["created_utc"], post["post_id"]
    former = before or Kept(Diary({}), at_utc, at_utc, "")
    return Kept(
        former.diary.changed(at_utc, evidence, -1 if post["removed"] else 1),
        min(former.first_utc, at_utc),
        *max((former.last_utc, former.last_id), (at_utc, post_id)),
    )


def _kept(packed: Sequence[Any]) -> Kept:
    return Kept(unpacked(packed[0]), *packed[1:])
