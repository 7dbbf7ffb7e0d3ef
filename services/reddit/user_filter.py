"""Who is new: each user passes once, ever."""

from collections.abc import Iterable, Iterator

from catenae import Message, Middle, State, Store
from services.forgetting.request import is_for_ever
from services.reddit.names import Names


class UserFilter(Middle):
    """Pass a user on the first time the user is seen. Reads `{"user"}`, keyed by user; writes a first visit.

    It remembers hashes, no names, so that a user who is forgotten stays so: there is nothing here to erase,
    and the user does not pass again. Who is forgotten for having been silent passes once they are seen
    again.
    """

    def __init__(self, seen: State[bool], store: Store) -> None:
        self._seen = seen
        self._names = Names(store)

    def transform(self, message: Message) -> Iterator[Message]:
        user = message.value["user"]
        name = self._names.hash(user)
        if name not in self._seen:
            self._seen[name] = True
            if not self._names.is_suppressed(user):
                yield message.derive({"user": user, "ticket": 0})

    def forget(self, request: Message) -> Iterable[Message]:
        name = self._names.hash(request.key)
        if is_for_ever(request):
            self._seen[name] = True
        elif name in self._seen:
            del self._seen[name]
        return (request,)
