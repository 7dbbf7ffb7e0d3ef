from catenae.brokers.kafka.permission import Permission
from catenae.operating.acls import Acl
from catenae.operating.principals import OUTSIDER, permissions, principals
from topologies.depression import topology as depression
from topologies.token_filter import topology as filtering
from topologies.wordcount import topology

WRITING = ("Write", "Create", "Read")


def allowed(principal: str, operation: str, of: str = "topic") -> set[str]:
    rules = principals(topology)[principal]
    return {each.name for each in rules if each.kind == of and operation in each.operations}


def test_a_node_writes_what_the_graph_says_and_what_is_its_own() -> None:
    own = {"wordcount.splitter.*", "wordcount.manifest", "catenae.seal", "lines.dead"}

    assert allowed("splitter", "Write") == {"words", "wordcount.answers", *own}
    heard = {"wordcount.control", "wordcount.control-key", "wordcount.grown.ends.kept-positions"}
    assert allowed("splitter", "Read") == {"lines", *heard, *own}
    assert allowed("splitter", "Read", "group") == {"wordcount.splitter"}


def test_a_node_of_inner_topics_alone_has_nothing_to_do_with_the_seal() -> None:
    rules = principals(filtering)

    assert "catenae.seal" not in {each.name for each in rules["tokeniser"]}


def test_a_node_hears_what_is_asked_and_can_ask_nothing() -> None:
    for name, rules in principals(depression).items():
        written = {each.name for each in rules if "Write" in each.operations}

        assert ("depression.control" in written) == (name == "api")


def test_from_outside_external_topics_are_written_and_nothing_is_read() -> None:
    assert [each[1:] for each in principals(topology)[OUTSIDER]] == [("topic", "lines", ("Write",))]
    assert [each[1:] for each in principals(depression)[OUTSIDER]] == [("topic", "texts", ("Write",))]


def test_no_node_moves_another() -> None:
    for name, rules in principals(depression).items():
        positions = {each.name for each in rules if "position" in each.name and "Write" in each.operations}
        prefixes = {each.name for each in rules if each.name.startswith("depression.") and "*" in each.name}
        written = {each.name for each in rules if each.name in prefixes and "Write" in each.operations}

        assert positions == set()
        assert written <= {f"depression.{name}.*"}


def test_who_waits_for_others_sees_how_far_they_are() -> None:
    rules = principals(filtering)
    read = {each.name for each in rules["text_source"] if "Read" in each.operations}

    assert "token_filter.token_counter.kept-positions" in read
    assert "example_texts" not in read


def test_a_server_may_put_letters_back_and_read_no_other_topic() -> None:
    rules = principals(depression)["api"]
    read = {each.name for each in rules if each.kind == "topic" and "Read" in each.operations}

    written = {each.name for each in rules if "Write" in each.operations}
    # One that cannot go back is a new letter.
    assert {"texts", "texts.dead"} <= written
    assert "texts.dead" in read
    assert not read & {"texts", "alerts", "text_probabilities"}


def test_a_rule_is_a_permission_for_each_operation_as_kafka_spells_it() -> None:
    rules = [
        Acl("splitter", "transactional-id", "a.*", ("Write",)),
        Acl("splitter", "topic", "*", ("DescribeConfigs", "Read")),
    ]

    assert list(permissions("splitter", rules)) == [
        Permission("splitter", "TRANSACTIONAL_ID", "a.", True, "WRITE"),
        Permission("splitter", "TOPIC", "*", False, "DESCRIBE_CONFIGS"),
        Permission("splitter", "TOPIC", "*", False, "READ"),
    ]
