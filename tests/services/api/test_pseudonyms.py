"""Pseudonyms: the same as long as the documents are kept, and nothing to be found by trying names."""

from contextlib import closing

from catenae import Documents, open_documents
from services.api.pseudonyms import Pseudonyms


def test_a_pseudonym_is_the_same_after_a_start(documents: Documents) -> None:
    assert Pseudonyms.of(documents).of_name("ann") == Pseudonyms.of(documents).of_name("ann")


def test_other_documents_have_other_pseudonyms(documents: Documents) -> None:
    with closing(open_documents("sqlite:")) as others:
        assert Pseudonyms.of(documents).of_name("ann") != Pseudonyms.of(others).of_name("ann")


def test_a_name_and_a_post_that_are_called_alike_are_not_told_to_be() -> None:
    pseudonyms = Pseudonyms(b"key")

    assert pseudonyms.of_name("ann") != f"user_{pseudonyms.of_post('ann')}"
    assert pseudonyms.of_post("t3_ann").startswith("t3_")
