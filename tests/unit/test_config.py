from pathlib import Path

import pytest

from catenae.config import (
    SETTINGS,
    Settings,
    options_from_environment,
    read_settings,
    redacted,
    settings_table,
    unknown_variables,
)
from catenae.errors import ConfigError


def test_the_defaults_live_in_the_data_folder() -> None:
    settings = read_settings({}, flags={"data": "/var/catenae"})

    assert settings == Settings(data=Path("/var/catenae"))
    assert settings.broker == "embedded:/var/catenae/log"


def test_a_flag_goes_before_the_environment_before_the_topology() -> None:
    environment = {"CATENAE_LEASE_S": "2", "CATENAE_HTTP_PORT": "8000"}
    topology = {"lease_s": 1.0, "http_port": 7000, "max_backlog_records": 50}

    settings = read_settings(environment, flags={"lease_s": 3.0, "http_port": None}, topology=topology)

    assert (settings.lease_s, settings.http_port, settings.max_backlog_records) == (3.0, 8000, 50)


def test_an_empty_variable_counts_as_not_set() -> None:
    assert read_settings({"CATENAE_BROKER": ""}) == Settings()


@pytest.mark.parametrize(
    ("variable", "text", "accepted"),
    [
        ("CATENAE_HTTP_PORT", "none", "a whole number of at least 0"),
        ("CATENAE_HTTP_PORT", "-1", "a whole number of at least 0"),
        ("CATENAE_LOG_LEVEL", "loud", "one of debug, info, warning, error"),
    ],
)
def test_a_bad_value_is_named_with_its_variable_and_what_is_accepted(
    variable: str, text: str, accepted: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        read_settings({variable: text})

    assert str(raised.value) == f"{variable} is {text!r}; it takes {accepted}"


def test_an_unknown_setting_of_a_topology_is_refused() -> None:
    with pytest.raises(ConfigError, match="'leese_s' does not exist; did you mean 'lease_s'"):
        read_settings({}, topology={"leese_s": 1})


def test_a_misspelt_variable_is_warned_of() -> None:
    environment = {
        "CATENAE_BROKR": "kafka://k",
        "CATENAE_OPTION_A_B": "1",
        "CATENAE_KAFKA_SASL_USERNAME": "ann",
        "CATENAE_STORE": "embedded:",
        "HOME": "/",
    }

    (warning,) = unknown_variables(environment)

    assert "CATENAE_BROKR is no setting; did you mean 'CATENAE_BROKER'" in warning


def test_options_go_to_the_node_with_the_longest_name_that_fits() -> None:
    environment = {"CATENAE_OPTION_TEXT_MODEL": "a", "CATENAE_OPTION_TEXT_VECTORISER_MODEL": "b", "HOME": "/"}

    options = options_from_environment(environment, ["text", "text_vectoriser"])

    assert options == {"text": {"model": "a"}, "text_vectoriser": {"model": "b"}}


def test_an_option_of_no_node_is_refused() -> None:
    with pytest.raises(ConfigError, match="CATENAE_OPTION_TXT_MODEL names no node"):
        options_from_environment({"CATENAE_OPTION_TXT_MODEL": "a"}, ["text"])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("embedded:data/log", "embedded:data/log"),
        ("kafka://one:9092,two:9092", "kafka://one:9092,two:9092"),
        ("mongodb://ann:secret@host/catenae", "mongodb://ann:***@host/catenae"),
        ("mongodb://ann:se@c/r?et@host", "mongodb://ann:***@host"),
        (
            "kafka://h:9092?sasl.username=a@b&sasl.password=secret",
            "kafka://h:9092?sasl.username=a@b&sasl.password=***",
        ),
        ("kafka://h?ssl_password=secret&acks=all", "kafka://h?ssl_password=***&acks=all"),
        ("kafka://h?ssl.key=secret&partitioner.key=x", "kafka://h?ssl.key=***&partitioner.key=***"),
    ],
)
def test_a_printed_url_holds_no_password(url: str, shown: str) -> None:
    assert redacted(url) == shown


def test_an_error_about_a_url_holds_no_password() -> None:
    with pytest.raises(ConfigError) as raised:
        read_settings({"CATENAE_LEASE_S": "mongodb://ann:secret@host"})

    assert "secret" not in str(raised.value)


def test_the_table_has_a_row_for_each_setting() -> None:
    table = settings_table()

    assert all(f"| `{each.flag}` | `{each.variable}` | `{each.default}` |" in table for each in SETTINGS)
    assert len(table.splitlines()) == len(SETTINGS) + 2


@pytest.mark.parametrize("name", ["data", "broker", "store", "documents"])
def test_a_tilde_that_no_shell_has_read_is_the_users_folder(name: str) -> None:
    scheme = {"data": "", "documents": "sqlite:"}.get(name, "embedded:")
    settings = read_settings({"HOME": "/home/ann", f"CATENAE_{name.upper()}": f"{scheme}~/d"})

    assert str(getattr(settings, name)) == f"{scheme}/home/ann/d"


def test_a_tilde_is_left_alone_where_it_means_nothing() -> None:
    assert read_settings({"HOME": "/home/ann"}, {"data": "~ann/d"}).data == Path("~ann/d")
    assert read_settings({}, {"data": "~/d"}).data == Path("~/d")
