from catenae.operating.check import check
from catenae.testing import drain
from topologies.wordcount import topology


def test_words_are_counted_over_all_lines() -> None:
    written = drain(topology, {"lines": ["the cat the dog", "The end"]})

    counts = {message.value["word"]: message.value["count"] for message in written["counts"]}
    assert counts == {"the": 3, "cat": 1, "dog": 1, "end": 1}


def test_a_count_goes_out_each_time_a_word_is_seen() -> None:
    written = drain(topology, {"lines": ["rain rain"]})

    assert [message.value["count"] for message in written["counts"]] == [1, 2]


def test_the_topology_agrees_with_its_code() -> None:
    assert check(topology) == []
