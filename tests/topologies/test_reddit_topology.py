"""The crawler as a topology: declared as the code wants it, and users on their way through it."""

import pytest

from catenae import Topology
from catenae.operating.check import check
from services.reddit.queue_rule import DELAYS_S
from topologies import depression, reddit, reddit_demo, reddit_screening


@pytest.mark.parametrize("topology", [reddit.topology, reddit_screening.topology, reddit_demo.topology])
def test_the_declaration_agrees_with_the_code(topology: Topology) -> None:
    assert check(topology) == []


def test_the_queues_are_visited_later_and_later() -> None:
    assert list(DELAYS_S) == sorted(set(DELAYS_S))
    assert [each.delay_s for each in reddit.topology.node("user_content_crawler").inputs] == [0] * 4


def test_who_comes_again_comes_after_everybody_else() -> None:
    topics = [each.topic for each in reddit.topology.node("user_content_crawler").inputs]

    assert topics == ["user_risks", "continued_visits", "new_users", "revisits"]


def test_together_posts_are_stored_once_and_nothing_is_replayed() -> None:
    topology = reddit_screening.topology

    storers = [node.name for node in topology.readers("texts") if node.options.get("collection") == "posts"]
    assert storers == ["post_storer"]
    assert [node.name for node in topology.writers("texts")] == ["user_content_crawler"]


def test_apart_they_share_what_both_call_external() -> None:
    used = [set(topology.data_topics()) for topology in (reddit.topology, depression.topology)]

    shared = used[0] & used[1]
    assert shared == {"texts", "user_probabilities"}
    assert all(shared <= topology.shared for topology in (reddit.topology, depression.topology))
    assert [*depression.topology.exported] == [*reddit.topology.external][1:] == ["user_probabilities"]


def test_a_request_to_forget_leaves_the_crawler_for_the_texts_and_the_visits() -> None:
    crawler = reddit.topology.node("user_content_crawler")

    assert reddit.topology.passes(crawler) == ("texts", "visits")
