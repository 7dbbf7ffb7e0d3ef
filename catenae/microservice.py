"""What an author subclasses: a Source generates, a Middle transforms, a Leaf consumes; a Server runs beside.

A microservice takes and returns messages and never touches a broker, so its test needs none. Its
collaborators come through the constructor: parameters annotated `State[...]`, `Timers`, `Store`, `Documents`,
`Operations`, `Clock`, `Metrics` or `Log` are filled by the runtime, all others from the node's `options`.

A handler that raises `TransientError` is called again after a pause, a bounded number of times. Any other
error, or one retry too many, sets the message aside as a dead letter with all that the call had yielded or
changed in State undone; the messages after it go on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from catenae.message import Message


class Microservice:
    """The part common to the four kinds: two hooks around a life.

    One thread calls an instance, unless its node sets `concurrency`: then handlers run in that many threads,
    and only the messages of one key keep their order.

    ports  the outputs that the service names in `derive(..., to=port)`, or these with the type of what it
           sends there; where they are declared here, `catenae check` compares them with the node's `writes`,
           and types with those of the readers
    shared_limit  what all instances share that bounds them, as "the requests of one account": more of them do
           no more, and `catenae check` refuses to have their number follow the load
    """

    ports: ClassVar[Sequence[str] | Mapping[str, Any]] = ()
    shared_limit: ClassVar[str] = ""

    def setup(self) -> None:
        """Prepare once, before the first message; an error here ends the process with a failure."""

    def obstacle(self) -> str:
        """Say in a few fixed words why nothing can come at the moment, as "not connected"; "" if it could.

        Asked where there was nothing to do: while there is an obstacle, the instance is alive and not ready.
        """
        return ""

    def teardown(self) -> None:
        """Release what `setup` and the constructor acquired; called on every exit path but `kill -9`."""


class Source(Microservice):
    """Brings messages in from outside. One instance generates at a time; its replicas stand by."""

    def generate(self, position: Any) -> Iterator[Message | None]:
        """Yield messages from just after `position` on; None stands for the very beginning.

        Each message carries `position=`, any value the codec takes. It is committed together with the
        message, so that a restart, also after `kill -9`, goes on exactly there. Yield None when nothing has
        come in yet: the runtime commits, waits a moment and asks again. Never block for longer than about a
        second; a `Feed` is a thread that may. What is set aside needs no position: it keeps the one before.
        Returning means that the source is exhausted: the process ends with exit status 0.
        """
        raise NotImplementedError

    def progress(self) -> float | None:
        """Say how much of all that is there has been generated, 0 to 1; None where there is no end to it.

        It is shown to people, and called now and then by the thread that generates.
        """
        return None


class Middle(Microservice):
    """Turns messages into messages. Override `transform`, or `transform_many` where a batch pays."""

    def transform(self, message: Message) -> Iterable[Message]:
        """Return what the message becomes: nothing, one message or many, in order."""
        raise NotImplementedError

    def wake(self, message: Message[str]) -> Iterable[Message]:
        """Return what comes of a timer: `message` has its key, its name as the value, when as `event_ms`."""
        raise NotImplementedError

    def forget(self, request: Message) -> Iterable[Message]:
        """Forget a key, `request.key`; return what goes on, the request itself unless something else has to.

        What State keeps under the key, timers included, goes right after this, as do documents that the node
        names as `personal`. Override it where more is kept, under other names or elsewhere, or where others
        hear what goes. A request without a port goes on by every output that others may read, any
        other message as from `transform`.
        """
        return (request,)

    def transform_many(self, messages: Sequence[Message]) -> Iterable[Message]:
        """Return what messages become, in their order: of one partition, or without State of one topic.

        When it raises, each message is handed over again alone, to find the one that is to blame.
        """
        for message in messages:
            returned = self.transform(message)
            if returned is None:
                raise TypeError(
                    f"transform of {type(self).__qualname__} returned None; yield what comes of the message, "
                    f"or return () for nothing"
                )
            yield from returned


class Leaf(Microservice):
    """Takes messages out of the topology.

    A leaf acts before its input is committed, so after a crash it may see a message again: act by id
    (upsert, not insert) and the effect is still exactly once.
    """

    def consume(self, message: Message) -> None:
        """Act on the message."""
        raise NotImplementedError

    def wake(self, message: Message[str]) -> None:
        """Act on a timer that is due: `message` has its key, its name (the value) and `event_ms`."""
        raise NotImplementedError

    def forget(self, request: Message) -> None:
        """Forget a key, `request.key`, where more is kept of it than in State and in `personal` documents.

        Those go right after this.
        """

    def consume_many(self, messages: Sequence[Message]) -> None:
        """Act on messages, in their order: as many and, when it raises, again as `transform_many`."""
        for message in messages:
            self.consume(message)


class Server(Microservice):
    """Serves the outside beside the flow: it neither reads nor writes a topic, and never ends by itself.

    `setup` starts what serves, in threads of its own, and `teardown` ends it. Every replica serves. Nobody
    waits for it: `--until-drained` ends when all other nodes are done.
    """
