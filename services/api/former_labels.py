"""Labels of before there were reviews, as the reviews that they were: whose, the audit log knows."""

import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from catenae import Document, Documents
from services.api.audit_entry import COLLECTION as AUDIT
from services.api.paging import AT_ONCE
from services.api.pseudonyms import Pseudonyms
from services.api.review_record import NOBODY, Deed, Verdict

# Alerts whose label or hiding has no record yet.
UNRECORDED: tuple[dict[str, Any], ...] = (
    *({"hidden": None, "label": verdict.value, "review_version": None} for verdict in Verdict),
    {"hidden": True, "review_version": None},
)


class _Known(NamedTuple):
    """Who did what is to become a record, and when."""

    account: str
    at_ms: int


def is_unrecorded(alert: Document) -> bool:
    """Say whether an alert has a label, or is hidden, without a record of it."""
    has_label = alert.get("label") in [each.value for each in Verdict]
    return alert.get("review_version") is None and (has_label or alert.get("hidden") is True)


def former_records(documents: Documents, pseudonyms: Pseudonyms, alert: Document) -> Iterator[Document]:
    """Yield the record of an alert's label and that of its hiding, without ids: the label stays what it is.

    The alert told only who acted on it last, also where somebody else had labelled it: that is believed where
    the log knows nothing.
    """
    subject = pseudonyms.of_name(alert["id"])
    case, label = uuid.uuid4().hex, alert.get("label")
    if label in [each.value for each in Verdict]:
        known = _known(documents, subject, "label", label) or _last(alert)
        yield {"case": case, "deed": Deed.SAID.value, "verdict": label, **known._asdict()}
    if alert.get("hidden") is True:
        known = _known(documents, subject, "hide", None) or _last(alert)
        yield {"case": case, "deed": Deed.HID.value, **known._asdict()}


def _known(documents: Documents, subject: str, action: str, label: str | None) -> _Known | None:
    """Return what the audit log knows of the last act of this kind."""
    where = {"subject": subject, "is_review": True}
    found = documents.find(AUDIT, where, descending=True, limit=AT_ONCE).documents
    for each in found:
        if each["action"] == action and each["detail"].get("label") == label:
            return _Known(each["account"], each["at_ms"])
    return None


def _last(alert: Document) -> _Known:
    return _Known(alert.get("reviewed_by") or NOBODY, alert.get("reviewed_ms") or 0)
