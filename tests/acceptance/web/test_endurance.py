"""A page that stays open: 100 alerts a second change, and it neither grows nor tires."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from catenae import Document, open_documents
from tests.acceptance.web.conftest import OpenPage
from tests.acceptance.web.crowd import alerts_of, course_of
from tests.acceptance.web.screening_site import Site

pytestmark = [pytest.mark.acceptance, pytest.mark.browser]

CHANGES_PER_S = 100
WARM_UP_S = 15
WATCHED_S = 60 * float(os.environ.get("CATENAE_HEAP_MINUTES", "0.25"))
MOST_GROWTH_BYTES = 1_500_000


class Changes:
    """Changes alerts behind the server's back, as the topology does, until it is stopped."""

    def __init__(self, folder: Path, alerts: list[Document]) -> None:
        self._url = f"sqlite:{folder / 'documents.sqlite'}"
        self._alerts = alerts
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.written = 0

    def __enter__(self) -> "Changes":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        started_s = time.monotonic()
        with closing(open_documents(self._url)) as documents:
            while not self._stop.wait(0.1):
                due = int((time.monotonic() - started_s) * CHANGES_PER_S) - self.written
                now_ms = int(time.time() * 1000)
                some = [self._changed(self.written + step, now_ms) for step in range(due)]
                documents.upsert("alerts", some)
                self.written += due

    def _changed(self, step: int, now_ms: int) -> Document:
        alert = self._alerts[step % len(self._alerts)]
        probability = 0.5 + (step * 7 % 50) / 100
        moved = {"probability": probability, "updated_utc": now_ms // 1000, "posts_since": step}
        return {**alert, **moved, "changed_ms": now_ms}


@pytest.fixture
def crowd(tmp_path: Path) -> list[Document]:
    return alerts_of(500)


@pytest.fixture
def site(tmp_path: Path, crowd: list[Document], chromium: object) -> Iterator[Site]:
    running = Site.of_documents(tmp_path, {"alerts": crowd, **course_of(crowd[0]["user"])})
    yield running
    running.stop()


def measured(session: CDPSession) -> dict[str, Any]:
    """Return what the page holds after a collection of garbage."""
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return {"bytes": heap["usedSize"], "nodes": metrics["Nodes"], "busy_s": metrics["TaskDuration"]}


def shown_changes(page: Page) -> str:
    return page.get_by_role("listbox").inner_text()


def test_a_live_page_does_not_grow(
    site: Site, crowd: list[Document], open_page: OpenPage, record_property: Callable[[str, object], None]
) -> None:
    page = open_page(site, "reviewer", path=f"/#/alerts/{crowd[0]['user']}")
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    expect(page.locator(".post").first).to_be_visible()

    with Changes(site.folder, crowd) as changes:
        page.wait_for_timeout(WARM_UP_S * 1000)
        before, seen, written = measured(session), shown_changes(page), changes.written
        page.wait_for_timeout(WATCHED_S * 1000)
        after, changed = measured(session), changes.written - written

    assert changed >= 0.9 * CHANGES_PER_S * WATCHED_S
    assert shown_changes(page) != seen
    grown = after["bytes"] - before["bytes"]
    busy = (after["busy_s"] - before["busy_s"]) / WATCHED_S
    record_property("heap", f"{after['bytes']:,} bytes, grown {grown:,}; main thread busy {busy:.1%}")
    assert grown < MOST_GROWTH_BYTES
    assert after["nodes"] < before["nodes"] * 1.2
