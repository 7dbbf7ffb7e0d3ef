"""The screening with notices: declared as the screening is, and nothing personal leaves it."""

from collections.abc import Sequence
from email import message_from_string
from pathlib import Path
from typing import Any

import pytest

from catenae import Message, Topology
from catenae.operating.check import check
from catenae.testing import TestDriver
from tests.listeners import Mailbox, Webhook, listening
from tests.topologies.test_depression_topology import MODEL_NODES, Row, Screening
from topologies.depression import topology as depression
from topologies.notified import by_both, by_mail, topology

WHERE_TO = {
    "webhook": {"url": "https://example.org"},
    "mail": {"server": "smtps://example.org", "sender": "a@example.org", "to": "b@example.org,c@example.org"},
}
MARK = "zqx"
NOTICE = {"topology", "band", "alerts", "model", "at_ms", "page", "subject", "text"}


@pytest.mark.lengthy
@pytest.mark.parametrize("declared", [topology, by_mail, by_both])
def test_the_declaration_agrees_with_the_code_once_it_is_said_where_to(declared: Topology) -> None:
    names = {node.name for node in declared.nodes}
    said = {name: options for name, options in WHERE_TO.items() if name in names}

    assert check(declared, said) == []
    assert len(check(declared)) == sum(map(len, said.values()))


def test_it_is_the_screening_and_goes_on_where_that_was() -> None:
    assert topology.name == depression.name
    assert topology.nodes[: len(depression.nodes)] == depression.nodes


@pytest.mark.lengthy
def test_no_byte_of_what_is_sent_is_of_anybody(
    screening: Screening, invented: Sequence[Row], tmp_path: Path
) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    with listening(Webhook()) as webhook, listening(Mailbox()) as mailbox:
        options: dict[str, dict[str, Any]] = {node: {"model": str(screening[0])} for node in MODEL_NODES}
        options["replay"] = {"path": str(tmp_path / "empty.jsonl")}
        options["webhook"] = {"url": webhook.url}
        options["mail"] = {"server": mailbox.url, "sender": "a@example.org", "to": ("b@example.org",)}
        with TestDriver(by_both, options) as driver:
            for part in range(0, len(invented), 20):
                driver.send("texts", *map(marked, invented[part : part + 20]))
            driver.advance(900)
            told = {each.key for each in driver.read("alerts")}

    notices = webhook.taken.values()
    texts = [message_from_string(each).get_payload(decode=True) for each in mailbox.taken]
    sent = b"".join([*webhook.came, *mailbox.came, *(each for each in texts if isinstance(each, bytes))])
    assert len(texts) == len(notices) < sum(each["alerts"] for each in notices)
    assert told
    assert all(each.startswith(MARK) for each in told)
    assert {frozenset(each) for each in notices} == {frozenset(NOTICE)}
    assert MARK.encode() not in sent
    assert not any(post["id"].encode() in sent for post in invented)


def marked(post: Row) -> Message:
    author = f"{MARK} {post['author']}"
    return Message({**post, "author": author, "body": f"{post['body']} {MARK}"}, author)
