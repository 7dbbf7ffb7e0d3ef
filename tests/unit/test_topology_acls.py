from catenae.operating.acls import Acl, acls, as_command
from catenae.operating.principals import principals
from topologies.token_filter import topology as filtering
from topologies.wordcount import topology

FOUND = acls(topology)


def test_a_node_reads_its_inputs_and_writes_its_outputs_under_its_own_group_and_transactions() -> None:
    assert {each[1:] for each in FOUND if each.who == "splitter"} == {
        ("topic", "lines", ("Read",)),
        ("topic", "words", ("Write",)),
        ("topic", "lines.dead", ("Read", "Write")),
        # What says whether a control header of an external topic is from our own hand.
        ("topic", "catenae.seal", ("Read", "Write", "Create")),
        ("group", "wordcount.splitter", ("Read",)),
        ("transactional-id", "wordcount.splitter.*", ("Write",)),
    }


def test_every_topic_of_the_topology_may_be_made_at_the_first_start() -> None:
    made = {each.name for each in FOUND if each.who == "up, work" and "Create" in each.operations}

    assert set(topology.topics()) <= made


def test_who_starts_a_topology_may_have_its_own_topics_kept_for_another_time_and_no_others() -> None:
    altered = {each.name for each in FOUND if "AlterConfigs" in each.operations}

    assert altered == set(topology.topics()) - set(topology.external)


def test_a_node_alters_no_topic() -> None:
    for rules in principals(topology).values():
        assert not any("AlterConfigs" in each.operations for each in rules)


def test_a_source_keeps_its_position() -> None:
    position = filtering.position_topic(next(node for node in filtering.nodes if node.is_source))

    assert position in {each.name for each in acls(filtering) if "Read" in each.operations}


def test_a_line_of_kafkas_own_tool_says_the_same() -> None:
    acl = Acl("splitter", "transactional-id", "wordcount.splitter.*", ("Write",))

    assert as_command(acl, "User:ann").endswith(
        "--add --allow-principal User:ann --operation Write --transactional-id 'wordcount.splitter.' "
        "--resource-pattern-type prefixed"
    )
