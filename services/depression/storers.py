"""What keeps the results of the screening: of each type its fields and no other."""

import time
from collections.abc import Callable, Sequence, Set
from itertools import groupby

from catenae import Document, Documents, Message
from services.api.review_record import came_back
from services.depression.second_look import SecondLook, may_come_back
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

    One that is withdrawn goes, unless somebody has spoken of it: then it stays as it was. One in which no
    risk was seen comes back when the person's picture has changed so much since, and says why.

    second_look_rise   how much the probability is above what it was when reviewed; 0 for never
    second_look_band   whether a higher band is enough
    second_look_posts  how many posts since are enough; 0 for never
    """

    def __init__(  # noqa: PLR0913  an option each
        self,
        documents: Documents,
        collection: str,
        id_field: str = "id",
        *,
        merges: bool = False,
        stamp: str = "",
        screening: str = "",
        second_look_rise: float = 0.2,
        second_look_band: bool = True,
        second_look_posts: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(documents, collection, id_field, merges=merges, stamp=stamp, screening=screening)
        self._second_look = SecondLook(second_look_rise, second_look_band, second_look_posts)
        self._clock = clock

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

    def _store(self, documents: Sequence[Document], known: Set[str]) -> None:
        super()._store(documents, known)
        now_ms = int(self._clock() * 1000)
        found = self.documents.get_many(self.collection, [each["id"] for each in documents])
        waiting = [each for each in found.values() if may_come_back(each, now_ms)]
        reasons = [(each, self._second_look.why(each, each["reviewed"])) for each in waiting]
        back = [came_back(each, why, now_ms) for each, why in reasons if why is not None]
        if back:
            self.documents.merge(self.collection, back, create=False)

    def forget(self, request: Message) -> None:
        keep_counts(self.documents, request.key)
