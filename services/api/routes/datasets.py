"""Datasets: what there is, and the download."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from services.api.access import Curator
from services.api.answers import DatasetAnswer, Datasets
from services.api.collaborators import Here
from services.api.datasets.erisk import erisk
from services.api.datasets.rows import comma_separated, jsonl
from services.api.datasets.selection import Selection, Which, sizes
from services.api.problems import Responses

router = APIRouter(prefix="/datasets", tags=["datasets"])


class Format(StrEnum):
    """How a dataset is written."""

    JSONL = "jsonl"
    CSV = "csv"
    ERISK = "erisk"


class Names(StrEnum):
    """What users and posts are called."""

    PSEUDONYMS = "pseudonyms"
    REAL = "real"


_WRITERS: Mapping[Format, tuple[Callable[[Selection], Iterator[bytes]], str, str]] = {
    Format.JSONL: (jsonl, "application/x-ndjson", "jsonl"),
    Format.CSV: (comma_separated, "text/csv", "csv"),
    Format.ERISK: (erisk, "application/zip", "zip"),
}
_FILES: Responses = {
    200: {
        "description": "A file.",
        "content": {media_type: {"schema": {"type": "string"}} for _, media_type, _ in _WRITERS.values()},
    }
}


@router.get("")
def find(_: Curator, here: Here) -> Datasets:
    """List the datasets."""
    found = sizes(here.documents)
    return Datasets(
        datasets=[DatasetAnswer(label=which.value, users=users) for which, users in found.items()],
        formats=[each.value for each in Format],
    )


@router.get("/{which}", response_class=StreamingResponse, responses=_FILES)
def download(
    which: Which,
    session: Curator,
    here: Here,
    format: Format = Format.JSONL,  # noqa: A002  so it is called in the address
    names: Names = Names.PSEUDONYMS,
) -> StreamingResponse:
    """Download a dataset, written while it is read."""
    here.audit.note(
        session.name, "dataset downloaded", dataset=which.value, format=format.value, names=names.value
    )
    pseudonyms = here.pseudonyms if names is Names.PSEUDONYMS else None
    write, media_type, ending = _WRITERS[format]
    return StreamingResponse(
        write(Selection(here.documents, which, pseudonyms)),
        headers={"Content-Disposition": f'attachment; filename="{which.value}.{ending}"'},
        media_type=media_type,
    )
