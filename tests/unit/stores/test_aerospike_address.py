import pytest

from catenae.errors import ConfigError
from catenae.stores.aerospike_address import AerospikeAddress


def test_a_url_names_hosts_namespace_and_options() -> None:
    address = AerospikeAddress.parse("//a,b:4000,[::1]:3001/test?set=tuesday&timeout_s=2.5")

    assert address.hosts == (("a", 3000), ("b", 4000), ("::1", 3001))
    assert (address.namespace, address.set_name, address.timeout_s) == ("test", "tuesday", 2.5)


def test_credentials_are_unescaped_and_reach_the_client_alone() -> None:
    address = AerospikeAddress.parse("//ann:p%40ss%3A%2F@host/test")

    config = address.client_config()
    assert (config["user"], config["password"]) == ("ann", "p@ss:/")
    assert "p@ss" not in repr(address)


def test_tls_gives_every_host_its_certificate_name() -> None:
    address = AerospikeAddress.parse("//a,b/test?tls=true&tls_name=cluster&tls_ca_file=/ca.pem")

    config = address.client_config()
    assert config["hosts"] == [("a", 3000, "cluster"), ("b", 3000, "cluster")]
    assert config["tls"] == {"enable": True, "cafile": "/ca.pem"}


def test_certificates_name_the_host_unless_told_otherwise() -> None:
    config = AerospikeAddress.parse("//a.example,b.example:4333/test?tls=true").client_config()

    assert config["hosts"] == [("a.example", 3000, "a.example"), ("b.example", 4333, "b.example")]


def test_the_client_repeats_reads_but_never_writes() -> None:
    policies = AerospikeAddress.parse("//host/test").client_config()["policies"]

    assert policies["batch"]["max_retries"] > 0
    assert policies["batch_parent_write"]["max_retries"] == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host/test",
        "//ann:secret@host",
        "//ann:secret@host/",
        "//ann:secret@/test",
        "//ann:secret@host/a/b",
    ]
    + [
        "//ann:secret@host:port/test",
        "//ann:secret@a,,b/test",
        f"//ann:secret@host/{'n' * 32}",
        "//ann:secret@host/test?cluster_name=",
    ]
    + [f"//ann:secret@host/test?{option}" for option in ("set=", "set=a:b", "timeout_s=0", "tls=yes", "x=1")],
)
def test_an_unfit_url_is_refused_without_repeating_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="Aerospike URL") as refused:
        AerospikeAddress.parse(url)

    assert "secret" not in str(refused.value)


def test_a_namespace_that_is_too_long_is_told_from_one_that_is_missing() -> None:
    with pytest.raises(ConfigError, match="a namespace of 32 characters; servers take 31 at most"):
        AerospikeAddress.parse(f"//host/{'n' * 32}")


def test_a_cluster_that_must_have_a_name_is_asked_for_it() -> None:
    assert AerospikeAddress.parse("//host/test?cluster_name=blue").client_config()["cluster_name"] == "blue"
    assert "cluster_name" not in AerospikeAddress.parse("//host/test").client_config()
