"""Which error of ours a failure of MongoDB's is. None repeats its text, which may quote a document."""

from collections.abc import Iterator
from contextlib import contextmanager

from bson.errors import InvalidBSON, InvalidDocument, InvalidStringData
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WaitQueueTimeoutError,
)

from catenae.errors import CatenaeError, CodecError, NoRoom, StoreError, StoreUnavailable

# The server's error codes.
NO_ROOM = frozenset({14031, 12501})
CREDENTIALS = frozenset({13, 18, 8000})
# Stepping down, shutting down, or too slow for the moment.
PASSING = frozenset({6, 7, 50, 89, 91, 112, 189, 202, 262, 9001, 10107, 11600, 11602, 13435, 13436})


@contextmanager
def explaining() -> Iterator[None]:
    """Make errors of ours of the client's."""
    try:
        yield
    except (UnicodeEncodeError, InvalidStringData) as error:
        raise CodecError("a text holds half a surrogate pair, which is not Unicode; replace it") from error
    except OverflowError as error:
        raise CodecError("a document holds a number beyond 64 bits; store it as text") from error
    except (InvalidDocument, InvalidBSON) as error:
        raise StoreError(
            f"MongoDB's encoding failed, {type(error).__name__}; make the document simpler"
        ) from error
    except PyMongoError as error:
        raise explained(error) from error


def explained(error: PyMongoError) -> CatenaeError:
    """Return the error to raise."""
    if isinstance(error, ConnectionFailure | ExecutionTimeout | WaitQueueTimeoutError):
        return StoreUnavailable(
            f"MongoDB does not answer, {type(error).__name__}. Start it, or correct the URL of the documents"
        )
    if isinstance(error, DocumentTooLarge):
        return StoreError("a document is larger than MongoDB takes. Keep less in one document")
    code = _code(error)
    who = f"MongoDB refused, {type(error).__name__} with code {code}"
    if code in PASSING:
        return StoreUnavailable(f"{who}; it is busy or changes its primary at the moment")
    if code in NO_ROOM:
        return NoRoom(f"{who}: its disk is full. Make room there")
    if code in CREDENTIALS:
        return StoreError(
            f"{who}: user or password are missing, wrong, or without the right to this. "
            "Correct the URL of the documents, or the user's rights"
        )
    return StoreError(f"{who}. Look it up among MongoDB's error codes")


def _code(error: PyMongoError) -> int | None:
    if isinstance(error, BulkWriteError):
        failures = [*error.details.get("writeErrors", ()), *error.details.get("writeConcernErrors", ())]
        return failures[0].get("code") if failures else error.code
    return error.code if isinstance(error, OperationFailure) else None
