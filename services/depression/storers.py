"""What keeps the results of the screening: of each type its fields and no other."""

from collections.abc import Sequence
from itertools import groupby

from catenae import Message
from services.depression.values import WITHDRAWN, Alert, TextProbability, UserProbability
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
    """Keep `Alert`, and leave alone what experts say of one until the user is forgotten.

    One that is withdrawn goes, unless somebody has spoken of it: then it stays as it was.
    """

    def consume_many(self, messages: Sequence[Message[Alert]]) -> None:
        for is_withdrawn, some in groupby(messages, lambda message: WITHDRAWN in message.headers):
            if is_withdrawn:
                self._withdraw([message.value["user"] for message in some])
            else:
                super().consume_many(list(some))

    def _withdraw(self, users: Sequence[str]) -> None:
        found = self.documents.get_many(self.collection, users)
        unspoken = [user for user, alert in found.items() if not any(map(alert.get, _SAID))]
        if unspoken:
            self.documents.delete(self.collection, unspoken)

    def forget(self, user: str) -> None:
        super().forget(user)
        keep_counts(self.documents, user)
