"""Secrets in files: read where a variable's `_FILE` says, refused without a word of them."""

from pathlib import Path

import pytest

from catenae.brokers.kafka.address import Address
from catenae.config import read_settings, unknown_variables
from catenae.errors import ConfigError
from catenae.secret_files import read_secret, read_secrets

URL = "mongodb://ann:quiet-please@host/name"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(f"{URL}\n")
    return path


def test_a_setting_may_be_in_a_file(file: Path) -> None:
    environment = {"CATENAE_DOCUMENTS_FILE": str(file)}

    assert read_settings(environment).documents == URL
    assert read_settings(environment, {"documents": "sqlite:x"}).documents == "sqlite:x"
    assert unknown_variables(environment) == []


def test_kafkas_password_may_be_in_a_file(file: Path) -> None:
    environment = {"CATENAE_KAFKA_SASL_PASSWORD_FILE": str(file), "CATENAE_KAFKA_SASL_USERNAME": "splitter"}

    found = Address.parse("//kafka", environment)

    assert found.properties == {"sasl.password": URL, "sasl.username": "splitter"}
    assert "quiet" not in repr(found)


def test_a_variable_and_its_file_are_not_both_taken(file: Path) -> None:
    with pytest.raises(ConfigError, match="A and A_FILE are both given; unset one of them"):
        read_secrets({"A": "1", "A_FILE": str(file)}, "A")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        (b" \n", "is empty; put the value into it"),
        (b"quiet-please\xff", "cannot be read: it is not UTF-8"),
    ],
)
def test_a_file_that_is_not_fit_is_named_without_a_word_of_it(
    content: bytes | None, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=f"A_FILE names '{path}', which {said}") as refused:
        read_secret({"A_FILE": str(path)}, "A")

    assert "quiet" not in str(refused.value)
    assert refused.value.__cause__ is None
