"""What keeps the results of the screening: of each type its fields and no other."""

from collections.abc import Sequence

from catenae import Message
from services.depression.values import Alert, TextProbability, UserProbability
from services.forgetting.review_counts import keep_counts
from services.storage.document_storer import DocumentStorer

# What an alert has that an expert has labelled, hidden or reviewed; earlier releases kept no more than that.
_SAID = ("label", "hidden", "reviewed_by", "review_version")


class ProbabilityStorer(DocumentStorer):
    """Keep `TextProbability`."""

    def consume_many(self, messages: Sequence[Message[TextProbability]]) -> None:
        super().consume_many(messages)


class UserStorer(DocumentStorer):
    """Keep `UserProbability`."""

    def consume_many(self, messages: Sequence[Message[UserProbability]]) -> None:
        super().consume_many(messages)


class AlertStorer(DocumentStorer):
    """Keep `Alert`, and leave alone what experts say of one until the user is forgotten."""

    def consume_many(self, messages: Sequence[Message[Alert]]) -> None:
        super().consume_many(messages)

    def removable(self, document_ids: Sequence[str]) -> Sequence[str]:
        """Return which alerts of these nobody has spoken of; the others stay as they are."""
        found = self.documents.get_many(self.collection, document_ids)
        return [each for each in document_ids if not any(found.get(each, {}).get(said) for said in _SAID)]

    def forget(self, user: str) -> None:
        super().forget(user)
        keep_counts(self.documents, user)
