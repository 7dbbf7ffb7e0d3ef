"""The node that knows which posts count: each once in a search, whatever comes, goes, or comes twice."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from catenae import CONTROL, Message, Middle, State
from services.topics.erased import facts_of_post
from services.topics.values import CountChange, TopicPost
from services.topics.wanted import post_key


class TopicKeeper(Middle):
    """Keep what of each user's posts counts in which search. Reads `TopicPost` and `Removal`, keyed by user.

    Writes to port "posts" the document of a post, or that it is gone, keyed by user, and to port "changes" a
    `CountChange`, keyed by the search. A post that comes again, in a search that goes on after a kill, from a
    second source or as judged by another model, replaces itself. One that is taken away leaves everything as
    if it had never been there; so do all posts of a user who is to be forgotten.

    posts  of a user, by search and post: what was counted, and what was said by which model
    """

    ports: ClassVar[Sequence[str]] = ("posts", "changes")

    def __init__(self, posts: State[list[Any]]) -> None:
        self._posts = posts

    def transform(self, message: Message) -> Iterator[Message]:
        value = message.value
        user = value["author"]
        if value.get("removed"):
            yield from self._take_away(message, user)
        else:
            yield from self._keep(message, value)

    def forget(self, request: Message) -> Iterator[Message]:
        for key, of_post in self._posts.items(request.key):
            yield self._change(request, key, of_post[0], -1)
        yield request.derive(request.value, to="posts")

    def _keep(self, message: Message, post: TopicPost) -> Iterator[Message]:
        place = (post["author"], post["id"])
        kept: list[Any] = [list(facts_of_post(post)), post["probability"], post["model"]]
        before = self._posts.get(place)
        if kept == before:
            return
        self._posts[place] = kept
        if before is not None:
            yield self._change(message, post["id"], before[0], -1)
        yield self._change(message, post["id"], kept[0], 1)
        yield message.derive(post, to="posts")

    def _take_away(self, message: Message, user: str) -> Iterator[Message]:
        topic, post_id = message.value["topic"], message.value["id"]
        if topic:
            key = post_key(topic, post_id)
            of_topic = self._posts.get((user, key))
            found = [] if of_topic is None else [(key, of_topic)]
        else:
            every = self._posts.items(user)
            found = [(key, kept) for key, kept in every if not post_id or key.partition(" ")[2] == post_id]
        for key, kept in found:
            del self._posts[user, key]
            yield self._change(message, key, kept[0], -1)
            yield message.derive({"id": key, "author": user, "removed": True}, to="posts")

    def _change(self, message: Message, key: str, facts: list[Any], by: int) -> Message:
        change = message.derive(CountChange(facts=facts, by=by), key=key.partition(" ")[0], to="changes")
        # What comes of a request to forget a user is no request to those who count.
        headers = {name: each for name, each in change.headers.items() if not name.startswith(CONTROL)}
        return change._replace(headers=headers)
