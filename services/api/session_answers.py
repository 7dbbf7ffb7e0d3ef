"""What the API answers about accounts: sessions, and what one signs in by."""

from typing import TypeVar

from pydantic import BaseModel

from services.api.answers import Role

T = TypeVar("T")


class OtherSession(BaseModel):
    """A session of the same account elsewhere: when it began and when it was used last, to a minute."""

    begun_ms: int
    seen_ms: int


class OtherSessions(BaseModel):
    """All of them, the one that was used last first."""

    sessions: list[OtherSession]


class SignInMethods(BaseModel):
    """How people may sign in; `oidc` is the path to go to for that, null where there is none."""

    password: bool
    oidc: str | None


class SessionAnswer(BaseModel):
    """Who is signed in, until when at most, and whether by a password, which can then be changed.

    must_enrol  whether they can do nothing else until they have set up a second factor
    is_blind    whether this project shows scores of a person to who has said what they find, and nobody else
    opinions    how many are to judge a case, none knowing what the others found
    """

    name: str
    role: Role
    expires_ms: int
    has_password: bool
    must_enrol: bool
    is_blind: bool
    opinions: int


class SecondFactorAnswer(BaseModel):
    """Whether codes are asked for beside the password, and how many recovery codes there still are."""

    is_on: bool
    recovery_codes: int


class OfferedFactor(BaseModel):
    """A secret that a device is to know, and the address by which it takes it; shown this once."""

    secret: str
    uri: str


class NewRecoveryCodes(BaseModel):
    """Each opens the account once in place of a code; shown this once."""

    codes: list[str]
