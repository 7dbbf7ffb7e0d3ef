"""What the nodes of notices say to each other, and to the outside."""

from typing import Annotated, TypedDict

from msgspec import Meta

from services.depression.values import Id, Milliseconds

Several = Annotated[int, Meta(ge=1)]


class Rise(TypedDict):
    """One alert has risen into the band that is the message's key.

    model  version of the model that says so
    """

    model: Id


class Notice(TypedDict):
    """Alerts have risen into a band since the last notice of it: how many, and nothing of whom.

    model   of the last of them
    at_ms   when it was written, in milliseconds since 1970 UTC
    page    address of the alerts that are in the band, for who may sign in there
    subject, text   the same for people
    """

    topology: str
    band: str
    alerts: Several
    model: Id
    at_ms: Milliseconds
    page: str
    subject: str
    text: str
